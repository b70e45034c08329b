#include "services/cli/names.h"

#include <gtest/gtest.h>

#include "jalon/access/v1/access_entry.pb.h"
#include "jalon/admin/v1/admin_service.pb.h"
#include "jalon/admin/v1/vault_admin_service.pb.h"
#include "jalon/option/v1/reason.pb.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/progress/v1/eligibility.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "jalon/type/v1/role.pb.h"
#include "jalon/type/v1/training.pb.h"

namespace jalon::cli {
namespace {

// That a word exists in both languages, the compiler sees (in_both.h).
TEST(Names, EveryValueThatAnswersShowHasWords) {
  for (const auto* type : {type::v1::Role_descriptor(),
                           type::v1::AggregateKind_descriptor(),
                           type::v1::ProgrammeType_descriptor(),
                           type::v1::SequenceType_descriptor(),
                           type::v1::DevelopmentMode_descriptor(),
                           type::v1::ElementsKnown_descriptor(),
                           type::v1::StayState_descriptor(),
                           type::v1::StayEndKind_descriptor(),
                           type::v1::StayEndCause_descriptor(),
                           type::v1::OutcomeKind_descriptor(),
                           type::v1::OutcomeCause_descriptor(),
                           type::v1::MakeUpState_descriptor(),
                           type::v1::DischargeCause_descriptor(),
                           type::v1::EvaluationResult_descriptor(),
                           type::v1::TutorReportKind_descriptor(),
                           progress::v1::Verdict_descriptor(),
                           privacy::v1::LegalHoldBasis_descriptor(),
                           privacy::v1::PersonKeyState_descriptor(),
                           privacy::v1::KeyBackupState_descriptor(),
                           access::v1::AccessKind_descriptor(),
                           school::v1::GrantState_descriptor(),
                           option::v1::Basis_descriptor(),
                           admin::v1::ViewState_descriptor(),
                           admin::v1::VaultRole_descriptor(),
                           admin::v1::StandbyState_descriptor(),
                           admin::v1::RebuildPhase_descriptor()}) {
    for (int i = 1; i < type->value_count(); ++i) {
      EXPECT_NE(domain::ValueNameOf(*type, type->value(i)->number()), nullptr)
          << type->value(i)->name();
    }
  }
}

TEST(Names, AreWordsOrNothingOrANumber) {
  EXPECT_EQ(NameIn(Language::kFrench, type::v1::STAY_STATE_STARTED), "en cours");
  EXPECT_EQ(NameIn(Language::kFrench, type::v1::STAY_STATE_UNSPECIFIED), "");
  EXPECT_EQ(NameIn(Language::kEnglish, static_cast<type::v1::StayState>(99)), "99");
}

TEST(Words, SpeakBothLanguages) {
  constexpr Words kWords{"{} rows", "{} rangées"};
  EXPECT_EQ(Say(Language::kEnglish, kWords, 3), "3 rows");
  EXPECT_EQ(Say(LanguageOf("fr_CA.UTF-8"), kWords, 3), "3 rangées");
  EXPECT_EQ(LanguageOf("C.UTF-8"), Language::kEnglish);
}

}  // namespace
}  // namespace jalon::cli
