// What one school tells another one: the formats, and what is wrong with what comes.
#include "services/api/transfer/transfer.h"

#include <gtest/gtest.h>

#include <vector>

#include "eventstore/trail/note.h"
#include "services/domain/school_code.h"

namespace jalon::transfer {
namespace {

const Bytes kDeployment(16, 'D');
const trail::SignerKey kSigner(IssuerName(kDeployment), trail::KeyType::kLog, trail::Seed{1, 2, 3});
const std::vector<trail::VerifierKey> kIssuers = {kSigner.verifier()};
const Bytes kSouth = domain::SchoolIdOf("CFP-SUD");

SchoolKey KeyOfSouth() { return SchoolKeyOf(eventstore::Secret::From(std::string(32, 'k'))); }

person::v1::TransferDocument Document() {
  person::v1::TransferDocument document;
  document.set_format(std::string(kFormat));
  document.set_transfer_id(std::string(32, 'a'));
  document.set_issuing_school("CFP-NORD");
  document.set_issuing_school_name("CFP du Nord");
  document.set_programme_code("5830");
  document.set_programme_language("fr");
  document.set_programme_version("2026");
  auto& result = *document.add_results();
  result.set_module("850-573");
  result.set_result(type::v1::EVALUATION_RESULT_SUCCESS);
  result.set_attempts(1);
  result.set_obtained_on(20260601);
  auto& stay = *document.add_stays();
  stay.set_started_on(20260302);
  stay.set_ended_on(20260430);
  stay.set_known_as(std::string(32, '0'));
  auto& activity = *stay.add_activities();
  activity.set_activity("a1");
  activity.set_wording("Changer les plaquettes");
  activity.add_shares()->set_module("850-568");
  activity.set_outcome(type::v1::OUTCOME_KIND_PARTLY);
  activity.set_make_up_owed(true);
  return document;
}

Notice NoticeOf(std::string_view file) {
  return {.transfer_id = Bytes(16, '\xaa'),
          .issuing_school = "CFP-NORD",
          .receiving_school = "CFP-SUD",
          .expires_on = 20270131,
          .file_sha256 = Sha256(file)};
}

person::v1::IssuedTransfer Issue(const person::v1::TransferDocument& document = Document()) {
  person::v1::IssuedTransfer issued;
  issued.set_file(SealDocument(document, KeyOfSouth().public_key).value());
  const std::string text = FormatNotice(NoticeOf(issued.file()));
  issued.set_note(trail::FormatNote({.text = text, .lines = {trail::SignText(text, kSigner)}}));
  return issued;
}

// Why it does not open; empty: it does.
std::string CauseOf(const person::v1::IssuedTransfer& issued, const Bytes& school_id = kSouth,
                    const std::vector<trail::VerifierKey>& issuers = kIssuers) {
  const auto opened = OpenTransfer(issued, issuers, school_id, KeyOfSouth());
  return opened ? "" : std::string(opened.error());
}

TEST(Transfer, OpensAsWhatWasIssued) {
  const auto issued = Issue();
  const auto opened = OpenTransfer(issued, kIssuers, kSouth, KeyOfSouth());
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ(opened->document().SerializeAsString(), Document().SerializeAsString());
  EXPECT_EQ(opened->transfer_id(), Bytes(16, '\xaa'));
  EXPECT_EQ(opened->issuer(), "44444444444444444444444444444444/transfer");
  EXPECT_EQ(opened->expires_on(), 20270131u);
  EXPECT_EQ(opened->file_sha256(), View(Sha256(issued.file())));
}

TEST(Transfer, TheFileTellsNothingToWhoHasNotTheKey) {
  const auto issued = Issue();
  EXPECT_EQ(issued.file().find("850-573"), std::string::npos);
  EXPECT_NE(issued.file(), Issue().file());  // sealed anew each time
}

TEST(Transfer, EveryByteOfTheNoteAndOfTheFileCounts) {
  const auto issued = Issue();
  for (size_t i = 0; i < issued.note().size(); ++i) {
    auto altered = issued;
    (*altered.mutable_note())[i] ^= 1;
    EXPECT_NE(CauseOf(altered), "") << "byte " << i << " of the note";
  }
  for (size_t i = 0; i < issued.file().size(); ++i) {
    auto altered = issued;
    (*altered.mutable_file())[i] ^= 1;
    EXPECT_EQ(CauseOf(altered), "FILE_ALTERED") << "byte " << i << " of the file";
  }
  auto longer = issued;
  longer.mutable_file()->push_back('x');
  EXPECT_EQ(CauseOf(longer), "FILE_ALTERED");
  auto shorter = issued;
  shorter.mutable_file()->pop_back();
  EXPECT_EQ(CauseOf(shorter), "FILE_ALTERED");
}

TEST(Transfer, SaysWhatIsWrong) {
  EXPECT_EQ(CauseOf(Issue()), "");
  EXPECT_EQ(CauseOf(Issue(), domain::SchoolIdOf("CFP-EST")), "OTHER_SCHOOL");
  EXPECT_EQ(CauseOf(Issue(), domain::SchoolIdOf("CFP-NORD")), "OTHER_SCHOOL");
  EXPECT_EQ(CauseOf(Issue(), kSouth, {}), "ISSUER_UNKNOWN");
  auto altered = Issue();
  altered.mutable_note()->replace(altered.note().find("2027"), 4, "2037");
  EXPECT_EQ(CauseOf(altered), "NOTE_ALTERED");
  altered.set_note("no note");
  EXPECT_EQ(CauseOf(altered), "NOTE_MALFORMED");
  const auto sealed = OpenTransfer(Issue(), kIssuers, kSouth,
                                   SchoolKeyOf(eventstore::Secret::From(std::string(32, 'x'))));
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error(), "NOT_SEALED_FOR_SCHOOL");
}

TEST(Transfer, ACheckpointOfTheSameKeyIsNoTransfer) {
  auto issued = Issue();
  const std::string text = "a.log/1\n3\n" + std::string(43, 'A') + "=\n";
  issued.set_note(trail::FormatNote({.text = text, .lines = {trail::SignText(text, kSigner)}}));
  EXPECT_EQ(CauseOf(issued), "NOTE_MALFORMED");
}

TEST(Transfer, ADocumentThatContradictsItselfIsRefused) {
  using Spoil = void (*)(person::v1::TransferDocument&);
  for (const Spoil spoil : {
           Spoil([](auto& document) { document.set_format("another"); }),
           Spoil([](auto& document) { document.set_transfer_id(std::string(32, 'b')); }),
           Spoil([](auto& document) { document.set_issuing_school("CFP-EST"); }),
           Spoil([](auto& document) { *document.add_results() = document.results(0); }),
           Spoil([](auto& document) {
             document.mutable_results(0)->set_result(type::v1::EVALUATION_RESULT_ABSENT);
           }),
           Spoil([](auto& document) { document.mutable_results(0)->set_attempts(51); }),
           Spoil([](auto& document) { document.mutable_stays(0)->set_ended_on(20260301); }),
           Spoil([](auto& document) { document.mutable_stays(0)->set_ended_on(20260231); }),
           Spoil([](auto& document) {
             document.mutable_stays(0)->mutable_activities(0)->set_outcome(
                 type::v1::OUTCOME_KIND_COMPLETED);
           }),
           Spoil([](auto& document) {
             *document.mutable_stays(0)->add_activities() = document.stays(0).activities(0);
           }),
           Spoil([](auto& document) {
             document.mutable_stays(0)->mutable_activities(0)->clear_shares();
           }),
           Spoil([](auto& document) {
             auto& activity = *document.mutable_stays(0)->mutable_activities(0);
             *activity.add_shares() = activity.shares(0);
           }),
           Spoil([](auto& document) { *document.add_stays() = document.stays(0); }),
           Spoil([](auto& document) { document.mutable_stays(0)->clear_known_as(); }),
           Spoil([](auto& document) { document.mutable_stays(0)->set_known_as("0a"); }),
           Spoil([](auto& document) {
             document.clear_stays();
             document.clear_results();
           }),
       }) {
    person::v1::TransferDocument document = Document();
    spoil(document);
    EXPECT_EQ(CauseOf(Issue(document)), "DOCUMENT_MALFORMED") << document.ShortDebugString();
  }
}

TEST(Transfer, NoIssuerSpeaksAsTheSchoolItself) {
  person::v1::IssuedTransfer issued;
  issued.set_file("sealed");
  Notice notice = NoticeOf(issued.file());
  notice.issuing_school = "CFP-SUD";
  const std::string text = FormatNotice(notice);
  issued.set_note(trail::FormatNote({.text = text, .lines = {trail::SignText(text, kSigner)}}));
  EXPECT_EQ(CauseOf(issued), "OWN_SCHOOL");
}

TEST(Transfer, AnIssuerIsNamedAfterItsDeployment) {
  EXPECT_TRUE(IsIssuerName(IssuerName(kDeployment)));
  EXPECT_TRUE(IsIssuerName(std::string(32, 'a') + "/transfer"));
  for (const std::string& name :
       {std::string("elsewhere.example/transfer"), std::string(32, 'A') + "/transfer",
        std::string(34, 'a') + "/transfer", std::string(32, 'a'), std::string("/transfer")}) {
    EXPECT_FALSE(IsIssuerName(name)) << name;
  }
}

TEST(Transfer, ANoticeHasOneSpelling) {
  const std::string text = FormatNotice(NoticeOf("file"));
  ASSERT_TRUE(ParseNotice(text));
  EXPECT_EQ(*ParseNotice(text), NoticeOf("file"));
  for (const auto& [from, to] :
       {std::pair("jalon.transfer/1", "jalon.transfer/2"), std::pair("transfer aa", "transfer AA"),
        std::pair("expires 2027-01-31", "expires 20270131"),
        std::pair("expires 2027-01-31", "expires 2027-01-31 "), std::pair("to CFP-SUD\n", "")}) {
    std::string other = text;
    other.replace(other.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(ParseNotice(other)) << other;
  }
}

TEST(Transfer, NothingIsSealedToWhatIsNoKey) {
  EXPECT_FALSE(SealDocument(Document(), std::string(32, '\0')));
  EXPECT_FALSE(SealDocument(Document(), "short"));
}

}  // namespace
}  // namespace jalon::transfer
