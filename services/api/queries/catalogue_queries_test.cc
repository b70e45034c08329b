// ListProgrammes, GetProgramme, ListSequences, GetSequence, GetPolicy.
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/event/v1/catalogue_events.pb.h"
#include "services/api/queries/query_testing.h"
#include "services/domain/policy.h"

namespace jalon::api {
namespace {

using catalogue::v1::GetPolicyRequest;
using catalogue::v1::GetPolicyResponse;
using catalogue::v1::GetProgrammeRequest;
using catalogue::v1::GetProgrammeResponse;
using catalogue::v1::GetSequenceRequest;
using catalogue::v1::GetSequenceResponse;
using catalogue::v1::ListProgrammesRequest;
using catalogue::v1::ListProgrammesResponse;
using catalogue::v1::ListSequencesRequest;
using catalogue::v1::ListSequencesResponse;

const Bytes kHall(8, 'H');   // another company
const Bytes kOther(8, 'R');  // another sequence

class CatalogueTest : public QueryTest {
 protected:
  CatalogueTest() { school_.Found(); }

  void Adopt(const std::string& code, const std::string& language, const std::string& version) {
    event::v1::ProgrammeAdopted adopted;
    auto* ref = adopted.mutable_programme()->mutable_ref();
    ref->set_code(code);
    ref->set_language(language);
    ref->set_version(version);
    school_.Happened(adopted, type::v1::AGGREGATE_KIND_PROGRAMME_VERSION,
                     code + "/" + language + "/" + version, 20260901);
  }
  // A draft; published as well if `publish`.
  void Design(const Bytes& sequence, uint32_t version, const std::string& code, bool publish) {
    event::v1::SequenceDesigned designed;
    designed.set_sequence_version(version);
    designed.mutable_definition()->set_code(code);
    designed.mutable_definition()->mutable_programme()->set_code("5830");
    school_.Happened(designed, type::v1::AGGREGATE_KIND_SEQUENCE, sequence, 20260902);
    if (!publish) return;
    event::v1::SequencePublished published;
    published.set_sequence_version(version);
    *published.mutable_definition() = designed.definition();
    school_.Happened(published, type::v1::AGGREGATE_KIND_SEQUENCE, sequence, 20260903);
  }
  std::string Programme(const std::string& code, const std::string& language,
                        const std::string& version) {
    GetProgrammeRequest request;
    request.set_code(code);
    request.set_language(language);
    request.set_version(version);
    const auto answer = Ask<GetProgrammeResponse>(request);
    if (!answer) return answer.error().reason;
    const auto& ref = answer->programme().ref();
    return ref.code() + "/" + ref.language() + "/" + ref.version();
  }
  // "FREINS:1/2": published and draft version of each.
  std::string Sequences(const ListSequencesRequest& request) {
    const auto answer = Ask<ListSequencesResponse>(request);
    if (!answer) return answer.error().reason;
    std::string names;
    for (const auto& sequence : answer->sequences()) {
      names += (names.empty() ? "" : " ") + sequence.code() + ":" +
               std::to_string(sequence.published_version()) + "/" +
               std::to_string(sequence.draft_version());
    }
    return names;
  }
  std::string Sequence(const Bytes& id, uint32_t version) {
    GetSequenceRequest request;
    request.set_sequence_id(id);
    request.set_sequence_version(version);
    const auto answer = Ask<GetSequenceResponse>(request);
    if (!answer) return answer.error().reason;
    return answer->definition().code() + ":" + std::to_string(answer->sequence_version()) +
           (answer->published() ? "" : " draft");
  }
};

TEST_F(CatalogueTest, GivesAProgrammeWholeWithItsAdoption) {
  GetProgrammeRequest request;
  request.set_code("5830");
  const auto answer = Ask<GetProgrammeResponse>(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->programme().modules_size(), 3);
  EXPECT_EQ(answer->adopted().type(), "ProgrammeAdopted");
  EXPECT_EQ(answer->adopted().seq(), 2u);
}

TEST_F(CatalogueTest, ChoosesTheLastVersionAndTheOnlyLanguage) {
  EXPECT_EQ(Programme("583", "", ""), "NOT_FOUND");
  Adopt("5830", "en", "2025");
  EXPECT_EQ(Programme("5830", "", ""), "5830/en/2025");  // adopted last
  EXPECT_EQ(Programme("5830", "", "2026"), "5830/en/2026");
  EXPECT_EQ(Programme("5830", "fr", ""), "NOT_FOUND");
  Adopt("5830", "fr", "2026");
  EXPECT_EQ(Programme("5830", "", ""), "FIELD_REQUIRED");
  EXPECT_EQ(Programme("5830", "", "2025"), "5830/en/2025");
  EXPECT_EQ(Programme("5830", "fr", ""), "5830/fr/2026");
}

TEST_F(CatalogueTest, ListsProgrammesByCodeLanguageAndVersion) {
  Adopt("5745", "en", "2026");
  Adopt("5830", "en", "2025");
  ListProgrammesRequest request;
  request.mutable_page()->set_page_size(2);
  auto answer = Ask<ListProgrammesResponse>(request);
  ASSERT_TRUE(answer && answer->programmes_size() == 2);
  EXPECT_EQ(answer->programmes(0).ref().code(), "5745");
  EXPECT_EQ(answer->programmes(1).ref().version(), "2025");
  request.mutable_page()->set_page_token(answer->page().next_page_token());
  answer = Ask<ListProgrammesResponse>(request);
  ASSERT_TRUE(answer && answer->programmes_size() == 1);
  EXPECT_EQ(answer->programmes(0).title(), "Heavy Vehicle Mechanics");
  EXPECT_EQ(answer->programmes(0).hours(), 300u);
  EXPECT_EQ(answer->programmes(0).module_count(), 3u);
  EXPECT_EQ(answer->page().next_page_token(), "");
}

TEST_F(CatalogueTest, ListsSequencesByCode) {
  Design(kOther, 1, "AXES", false);
  Design(kFreins, 2, "FREINS", false);
  ListSequencesRequest request;
  EXPECT_EQ(Sequences(request), "AXES:0/1 FREINS:1/2");
  request.mutable_page()->set_page_size(1);
  EXPECT_EQ(Sequences(request), "AXES:0/1");
  request.mutable_page()->set_page_token(
      Ask<ListSequencesResponse>(request)->page().next_page_token());
  EXPECT_EQ(Sequences(request), "FREINS:1/2");
  request.Clear();
  request.set_published_only(true);
  const auto answer = Ask<ListSequencesResponse>(request);
  ASSERT_TRUE(answer && answer->sequences_size() == 1);
  EXPECT_EQ(answer->sequences(0).planned_minutes(), 1800u);
  EXPECT_EQ(answer->sequences(0).targets_size(), 2);
  request.set_programme_code("5745");
  EXPECT_EQ(Sequences(request), "");
}

TEST_F(CatalogueTest, GivesAVersionOfASequence) {
  EXPECT_EQ(Sequence(kFreins, 0), "FREINS:1");
  Design(kFreins, 2, "FREINS", false);
  EXPECT_EQ(Sequence(kFreins, 0), "FREINS:1");
  EXPECT_EQ(Sequence(kFreins, 2), "FREINS:2 draft");
  EXPECT_EQ(Sequence(kFreins, 3), "NOT_FOUND");
  EXPECT_EQ(Sequence(kOther, 0), "NOT_FOUND");
  GetSequenceRequest request;
  request.set_sequence_id(kFreins);
  const auto answer = Ask<GetSequenceResponse>(request);
  ASSERT_TRUE(answer && answer->events_size() == 2);
  EXPECT_EQ(answer->events(1).type(), "SequencePublished");
}

TEST_F(CatalogueTest, ACompanySeesThePublishedVersionsOfItsStays) {
  school_.Enrol(kAda);
  school_.Schedule(StayOf(kAda, '1'));
  school_.Prepare(StayOf(kAda, '1'));
  Design(kFreins, 2, "FREINS", true);
  Design(kFreins, 3, "FREINS", false);
  Design(kOther, 1, "AXES", true);
  for (const auto role : {type::v1::ROLE_COMPANY_SIGNATORY, type::v1::ROLE_WORKPLACE_TUTOR}) {
    school_.GrantCompany(kLuc, role);
    school_.GrantCompany(kBen, role, kHall);
    ActAs(role, kLuc, kGarage);
    EXPECT_EQ(Sequences({}), "FREINS:1/0");
    EXPECT_EQ(Sequence(kFreins, 0), "FREINS:1");
    EXPECT_EQ(Sequence(kFreins, 2), "NOT_FOUND");
    EXPECT_EQ(Sequence(kFreins, 3), "NOT_FOUND");
    EXPECT_EQ(Sequence(kOther, 0), "NOT_FOUND");
    ActAs(role, kBen, kHall);
    EXPECT_EQ(Sequences({}), "");
    EXPECT_EQ(Sequence(kFreins, 0), "NOT_FOUND");
  }
}

TEST_F(CatalogueTest, GivesThePolicyOfADate) {
  school::v1::PolicySetting gate;
  gate.set_key("makeup_gate");
  gate.set_choice("PLANNED");
  school_.SetPolicy(gate, 20261201);
  GetPolicyRequest request;
  auto answer = Ask<GetPolicyResponse>(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->policy_version(), 0u);
  ASSERT_EQ(answer->entries_size(), static_cast<int>(domain::PolicyTable().size()));
  for (const auto& entry : answer->entries()) {
    EXPECT_TRUE(entry.is_default());
    EXPECT_FALSE(entry.allowed().empty());
    EXPECT_FALSE(entry.citation().empty());
    EXPECT_TRUE(entry.description().ends_with('.')) << entry.setting().key();
  }
  EXPECT_EQ(answer->entries(0).setting().choice(), "COMPLETED");
  EXPECT_EQ(answer->entries(0).allowed(), "COMPLETED | PLANNED");

  request.set_on(20261201);
  language_ = domain::Language::kFrench;
  answer = Ask<GetPolicyResponse>(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->policy_version(), 1u);
  const auto& entry = answer->entries(0);
  EXPECT_EQ(entry.setting().choice(), "PLANNED");
  EXPECT_FALSE(entry.is_default());
  EXPECT_EQ(entry.effective_on(), 20261201u);
  EXPECT_EQ(entry.set_by().type(), "PolicySet");
  EXPECT_TRUE(entry.description().starts_with("Où doit en être"));
}

}  // namespace
}  // namespace jalon::api
