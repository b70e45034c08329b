// The views agree with the writer's state: at every position of random histories the queries say
// the same, whether their facts come from rows of views or from the rows that decide reads.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/domain/explain.h"
#include "tests/properties/laws.h"
#include "tests/scenarios/runner/local_queries.h"
#include "tests/scenarios/runner/viewed_world.h"

namespace jalon::properties {
namespace {

using scenarios::ViewedWorld;

constexpr uint64_t kSeeds = 30;
constexpr int kMoves = 120;
constexpr Micros kStart = std::chrono::seconds(1788267600);  // 2026-09-01, 9:00 in Toronto

void ExplainAll(auto* findings) {
  for (auto& finding : *findings) domain::Explain(&finding, domain::Language::kEnglish);
}

template <typename Response, typename Request>
std::pair<Response, Response> AskBoth(ViewedWorld& world, const domain::Principal& who,
                                      const Request& request) {
  Response viewed;
  Response local;
  const auto by_views = world.Query(who, request, &viewed);
  const auto by_state = world.local().Query(who, request, &local);
  EXPECT_TRUE(by_views.has_value() && by_views->accepted && by_state.has_value());
  return {viewed, local};
}

// Empty if both say the same of every module of every student.
std::string EligibilityDiffers(ViewedWorld& world, const Cast& cast, uint32_t on) {
  for (const domain::Principal& student : cast.students) {
    progress::v1::GetSummativeEligibilityRequest request;
    request.set_student_id(student.person_id);
    request.set_on(on);
    auto [viewed, local] =
        AskBoth<progress::v1::GetSummativeEligibilityResponse>(world, cast.jean, request);
    for (auto& module : *viewed.mutable_modules()) module.clear_statement();
    for (auto& module : *local.mutable_modules()) {
      ExplainAll(module.mutable_reasons());
      ExplainAll(module.mutable_notes());
    }
    if (viewed.SerializeAsString() != local.SerializeAsString()) {
      return viewed.DebugString() + "\nby the state:\n" + local.DebugString();
    }
  }
  return {};
}

// The same for what each planned stay lacks.
std::string ReadinessDiffers(ViewedWorld& world, const Cast& cast, const History& history,
                             uint32_t on) {
  for (const HistoryStay& stay : history.stays()) {
    if (stay.phase != HistoryStay::Phase::kPlanned) continue;
    placement::v1::GetStartReadinessRequest request;
    request.set_stay_id(stay.id);
    request.set_on(on);
    auto [viewed, local] =
        AskBoth<placement::v1::GetStartReadinessResponse>(world, cast.jean, request);
    viewed.mutable_stays(0)->clear_stay();
    local.mutable_stays(0)->clear_stay();
    ExplainAll(local.mutable_stays(0)->mutable_refusals());
    ExplainAll(local.mutable_stays(0)->mutable_warnings());
    if (viewed.SerializeAsString() != local.SerializeAsString()) {
      return viewed.DebugString() + "\nby the state:\n" + local.DebugString();
    }
  }
  return {};
}

// The same for the hours of every student: the totals, and each stay. Days, modules, notes and the
// events of each stay are the view's alone.
std::string LedgerDiffers(ViewedWorld& world, const Cast& cast) {
  for (const domain::Principal& student : cast.students) {
    progress::v1::GetHoursLedgerRequest request;
    request.set_student_id(student.person_id);
    auto [viewed, local] = AskBoth<progress::v1::GetHoursLedgerResponse>(world, cast.jean, request);
    progress::v1::HoursLedger& ledger = *viewed.mutable_ledger();
    ledger.clear_modules();
    ledger.clear_notes();
    for (auto& stay : *ledger.mutable_stays()) stay.clear_events();
    for (auto* each : {&ledger, local.mutable_ledger()}) {  // the view's order is one of its own
      std::ranges::sort(*each->mutable_stays(), {}, &progress::v1::StayHours::stay_id);
    }
    if (ledger.SerializeAsString() != local.ledger().SerializeAsString()) {
      return ledger.DebugString() + "\nby the state:\n" + local.DebugString();
    }
  }
  return {};
}

TEST(RandomHistories, AreSeenAlikeByViewsAndByTheWriter) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ViewedWorld world(kStart);
    scenarios::AddLocalQueries(world.local());
    Cast cast(world);
    History history(cast, seed);
    for (int i = 0; i < kMoves; ++i) {
      const Move move = history.Next();
      const scenarios::Answer answer = cast.Send(move.who, *move.command, move.header);
      history.Note(move, answer);
      if (!answer.accepted) continue;
      const auto on = domain::AddDays(cast.Today(), -static_cast<int32_t>(history.Draw(6)));
      ASSERT_EQ(EligibilityDiffers(world, cast, on), "") << "seed " << seed << ", move " << i;
      ASSERT_EQ(ReadinessDiffers(world, cast, history, on), "")
          << "seed " << seed << ", move " << i;
      ASSERT_EQ(LedgerDiffers(world, cast), "") << "seed " << seed << ", move " << i;
    }
  }
}

}  // namespace
}  // namespace jalon::properties
