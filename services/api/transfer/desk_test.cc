// Whose transfers a node believes, whether or not it signs, and what it does not issue.
#include "services/api/transfer/desk.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "services/api/queries/vault_testing.h"
#include "services/domain/school_code.h"

namespace jalon::transfer {
namespace {

using eventstore::Signer;
using eventstore::SignerClaims;
using eventstore::SigningKey;
using eventstore::SigningKeys;
using person::v1::TransferredActivity;
using person::v1::TransferredResult;
using person::v1::TransferredStay;

const Bytes kDeployment(16, 'D');
const Bytes kSouth = domain::SchoolIdOf("CFP-SUD");
constexpr char kVerified[] = "";

SigningKey Key(uint8_t seed) { return SigningKey(trail::Seed{seed}); }

// A document with a stay of that many activities.
person::v1::TransferDocument Document(int activities = 1) {
  person::v1::TransferDocument document;
  document.set_issuing_school("CFP-NORD");
  document.set_programme_code("5830");
  document.set_programme_language("fr");
  document.set_programme_version("2026");
  auto& stay = *document.add_stays();
  stay.set_known_as(std::string(32, '0'));
  stay.set_started_on(20260302);
  stay.set_ended_on(20260430);
  for (int i = 0; i < activities; ++i) {
    auto& activity = *stay.add_activities();
    activity.set_activity("a" + std::to_string(i));
    activity.add_shares()->set_module("850-568");
    activity.set_outcome(type::v1::OUTCOME_KIND_COMPLETED);
  }
  return document;
}

class DeskTest : public testing::Test {
 protected:
  std::unique_ptr<Signer> SignerOf(SigningKeys keys, const SignerClaims* claims = nullptr) {
    return std::make_unique<Signer>(std::move(keys),
                                    std::make_unique<eventstore::TransientSignerMemory>(),
                                    std::function<void(const Error&)>(), claims);
  }
  Desk DeskOf(const Signer* signer, const SignerClaims* claims = nullptr, Issuers issuers = {}) {
    return Desk({.vault = vault_,
                 .signer = signer,
                 .claims = claims,
                 .deployment = kDeployment,
                 .issuers = std::move(issuers)});
  }
  Result<Desk::Issued> Issue(const Desk& desk, person::v1::TransferDocument document = Document()) {
    const std::string key = desk.KeyOf(kSouth)->public_key;
    return desk.Issue({.document = std::move(document),
                       .receiving_school = "CFP-SUD",
                       .receiving_key = key,
                       .expires_on = 20270131});
  }
  // Why the desk does not open it for the school in the south.
  static std::string CauseOf(const Desk& desk, const Desk::Issued& issued) {
    person::v1::IssuedTransfer transfer;
    transfer.set_note(issued.note);
    transfer.set_file(issued.file);
    std::string cause = "not asked";
    desk.Open(kSouth, transfer, [&](auto opened) {
      cause = opened ? kVerified : opened.error().Sorted().front().cause;
    });
    return cause;
  }

  api::TestVault vault_;
};

TEST_F(DeskTest, ANodeThatDoesNotSignKnowsTheDeploymentsKeyByTheLog) {
  const auto signer = SignerOf(Key(1));
  const auto issued = Issue(DeskOf(signer.get()));
  ASSERT_TRUE(issued);
  SignerClaims claims;
  const Desk other = DeskOf(nullptr, &claims);
  EXPECT_EQ(CauseOf(other, *issued), "ISSUER_UNKNOWN");  // nobody ever signed
  EXPECT_EQ(other.IssuerKey(), "");
  claims.Counted({.claimant = Bytes(16, 'a'), .key = Key(1).PublicKey(), .epoch = 1});
  EXPECT_EQ(CauseOf(other, *issued), kVerified);
  EXPECT_EQ(other.IssuerKey(), DeskOf(signer.get()).IssuerKey());
}

TEST_F(DeskTest, WhatWasIssuedIsBelievedWhileTheKeyBeforeSignsToo) {
  const auto before = SignerOf(Key(1));
  const auto issued = Issue(DeskOf(before.get()));
  ASSERT_TRUE(issued);
  const auto after = SignerOf({Key(2), Key(1)});
  EXPECT_EQ(CauseOf(DeskOf(after.get()), *issued), kVerified);
  SignerClaims claims;
  claims.Counted({.claimant = Bytes(16, 'b'),
                  .key = Key(2).PublicKey(),
                  .previous_key = Key(1).PublicKey(),
                  .epoch = 2});
  EXPECT_EQ(CauseOf(DeskOf(nullptr, &claims), *issued), kVerified);
  // Once the operator no longer keeps it, no more.
  EXPECT_EQ(CauseOf(DeskOf(SignerOf(Key(2)).get()), *issued), "ISSUER_UNKNOWN");
}

TEST_F(DeskTest, WhoTrustsTheKeyBeforeAloneBelievesWhatBothSign) {
  const auto both = SignerOf({Key(2), Key(1)});
  const auto issued = Issue(DeskOf(both.get()));
  ASSERT_TRUE(issued);
  for (const uint8_t seed : {uint8_t{1}, uint8_t{2}}) {
    const auto trusted = Key(seed).VerifierOf(IssuerName(kDeployment));
    EXPECT_EQ(CauseOf(DeskOf(nullptr, nullptr, {trusted}), *issued), kVerified) << int{seed};
  }
  EXPECT_EQ(CauseOf(DeskOf(both.get()), *issued), kVerified);
}

TEST_F(DeskTest, WhoLostTheSeatSendsToWhoHasIt) {
  SignerClaims claims;
  claims.Begin(Bytes(16, 'a'));
  claims.Counted({.claimant = Bytes(16, 'a'), .key = Key(1).PublicKey(), .epoch = 1});
  const auto signer = SignerOf(Key(1), &claims);
  EXPECT_TRUE(Issue(DeskOf(signer.get(), &claims)));
  claims.Counted({.claimant = Bytes(16, 'b'), .key = Key(1).PublicKey(), .epoch = 2});
  EXPECT_EQ(Issue(DeskOf(signer.get(), &claims)).error().reason, "SIGNER_ELSEWHERE");
  EXPECT_EQ(Issue(DeskOf(nullptr, &claims)).error().reason, "SIGNER_ELSEWHERE");
  claims.Counted({.claimant = Bytes(16, 'c'), .key = Key(2).PublicKey(), .epoch = 3});
  EXPECT_EQ(DeskOf(signer.get(), &claims).IssuerKey(), DeskOf(SignerOf(Key(2)).get()).IssuerKey());
}

TEST_F(DeskTest, WhatIsIssuedCanBeImported) {
  const auto signer = SignerOf(Key(1));
  const Desk desk = DeskOf(signer.get());
  const auto all = Issue(desk, Document(100));  // as many as a stay plans
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(CauseOf(desk, *all), kVerified);
}

using Alter = void (*)(person::v1::TransferDocument&);

TransferredStay& StayIn(person::v1::TransferDocument& document) {
  return *document.mutable_stays(0);
}
TransferredActivity& ActivityIn(person::v1::TransferDocument& document) {
  return *StayIn(document).mutable_activities(0);
}
TransferredResult& AddResult(person::v1::TransferDocument& document) {
  TransferredResult& result = *document.add_results();
  result.set_module("850-568");
  result.set_result(type::v1::EVALUATION_RESULT_SUCCESS);
  result.set_attempts(1);
  result.set_obtained_on(20260501);
  return result;
}

TEST_F(DeskTest, MoreThanATransferHoldsIsTooLarge) {
  const auto signer = SignerOf(Key(1));
  const Desk desk = DeskOf(signer.get());
  for (const Alter alter : {
           Alter([](auto& document) { document = Document(101); }),
           Alter([](auto& document) {
             for (int i = 10; i < 34; ++i) {
               TransferredStay& stay = *document.add_stays() = document.stays(0);
               stay.set_known_as(std::string(30, '0') + std::to_string(i));
             }
           }),
           Alter([](auto& document) { AddResult(document).set_attempts(51); }),
           Alter([](auto& document) { document.set_issuing_school_name(std::string(201, 'x')); }),
           Alter([](auto& document) {  // within each limit, and too large once it is sealed
             document = Document(100);
             document.add_stays()->CopyFrom(document.stays(0));
             document.mutable_stays(1)->set_known_as(std::string(32, '1'));
             for (TransferredStay& stay : *document.mutable_stays()) {
               for (auto& activity : *stay.mutable_activities()) {
                 activity.set_wording(std::string(1000, 'x'));
               }
             }
           }),
       }) {
    person::v1::TransferDocument document = Document();
    alter(document);
    const auto issued = Issue(desk, document);
    ASSERT_FALSE(issued);
    EXPECT_EQ(issued.error().reason, "TOO_LARGE") << issued.error().message;
  }
}

TEST_F(DeskTest, WhatContradictsItselfIsAFaultOfTheServer) {
  const auto signer = SignerOf(Key(1));
  const Desk desk = DeskOf(signer.get());
  const std::pair<const char*, Alter> contradictions[] = {
      {"issuing_school: FIELD_REQUIRED", [](auto& document) { document.clear_issuing_school(); }},
      {"FIELD_INVALID", [](auto& document) { document.set_programme_code("58 30"); }},
      {"FIELD_REQUIRED", [](auto& document) { ActivityIn(document).clear_shares(); }},
      {"FIELD_INVALID", [](auto& document) { StayIn(document).set_known_as("0a"); }},
      {"FIELD_INVALID", [](auto& document) { StayIn(document).set_ended_on(20260231); }},
      {"results[0]: neither success nor failure",
       [](auto& document) { AddResult(document).set_result(type::v1::EVALUATION_RESULT_ABSENT); }},
      {"results[1]: a module has two",
       [](auto& document) {
         AddResult(document);
         AddResult(document);
       }},
      {"stays[0]: ends before it starts",
       [](auto& document) { StayIn(document).set_ended_on(20260301); }},
      {"stays[1]: stands twice",
       [](auto& document) { document.add_stays()->CopyFrom(StayIn(document)); }},
      {"stays[0]: activities[1]: stands twice",
       [](auto& document) { StayIn(document).add_activities()->CopyFrom(ActivityIn(document)); }},
      {"stays[0]: activities[0]: a module has two shares",
       [](auto& document) { ActivityIn(document).add_shares()->set_module("850-568"); }},
      {"stays[0]: activities[0]: a make-up is owed for what was completed",
       [](auto& document) { ActivityIn(document).set_make_up_owed(true); }},
      {"stays[0]: activities[0]: neither accomplished nor owed",
       [](auto& document) {
         ActivityIn(document).set_outcome(type::v1::OUTCOME_KIND_NOT_PERFORMED);
       }},
      {"tells nothing", [](auto& document) { document.clear_stays(); }},
      {"stays[0]: ends before it starts",  // and far too much: what is wrong goes first
       [](auto& document) {
         document = Document(101);
         StayIn(document).set_ended_on(20260301);
       }},
  };
  for (const auto& [what, alter] : contradictions) {
    person::v1::TransferDocument document = Document();
    alter(document);
    const auto issued = Issue(desk, document);
    ASSERT_FALSE(issued) << what;
    EXPECT_EQ(issued.error().reason, "INTERNAL") << what;
    EXPECT_EQ(issued.error().code, Code::kInternal) << what << ": the node goes on";
    EXPECT_NE(issued.error().message.find(what), std::string::npos) << issued.error().message;
  }
}

}  // namespace
}  // namespace jalon::transfer
