#include "tests/bench/intake.h"

#include <fmt/format.h>

#include <utility>

#include "deploy/demo/calendar.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "services/client/request_id.h"

namespace jalon::bench {
namespace {

enum Kind : uint32_t { kEnrol, kAssign, kSchedule, kPrepare };

constexpr uint32_t kSchools = 3;
constexpr uint32_t kHalfTheSeats = 100;
constexpr int kDaysBeforeStart = 14;
constexpr int kDaysOfStay = 32;

}  // namespace

Intake::Intake(const Region& region, uint32_t commands_per_kind)
    : region_(region), commands_per_kind_(commands_per_kind) {}

std::vector<std::string> Intake::Methods() {
  return {"/jalon.roster.v1.RosterService/EnrolStudents",
          "/jalon.placement.v1.PlacementService/AssignSequence",
          "/jalon.placement.v1.PlacementService/ScheduleStays",
          "/jalon.placement.v1.PlacementService/RecordPreparation"};
}

uint32_t Intake::Companies(uint32_t rounds, uint32_t commands_per_kind) {
  return rounds * commands_per_kind * kRows / kSchools / kHalfTheSeats + 1;
}

template <typename Request>
Call Intake::CallOf(uint32_t kind, const Group& group, Request request) const {
  request.mutable_header()->set_request_id(client::NewRequestId(region_.now_ms));
  const size_t coordinators = region_.tokens.size() - region_.schools.size();
  return {kind, static_cast<uint32_t>(coordinators + group.school), request.SerializeAsString()};
}

Call Intake::Enrol(const Group& group) {
  roster::v1::EnrolStudentsRequest request;
  for (uint32_t row = 0; row < kRows; ++row) {
    const uint64_t number = enrolled_++;
    auto* enrolled = request.mutable_command()->add_rows();
    auto* identity = enrolled->mutable_identity()->mutable_clear();
    identity->set_external_id(fmt::format("2026-{:07}", number));
    identity->set_given_name("Ada");
    identity->set_family_name(fmt::format("Tremblay-{}", number));
    identity->set_born_on(20050101 + static_cast<uint32_t>(number % 12) * 100);
    *enrolled->mutable_programme() =
        region_.schools[group.school].cohorts[group.cohort].plan.design.programme();
    enrolled->set_in_alternance(true);
  }
  return CallOf(kEnrol, group, std::move(request));
}

Call Intake::Assign(const Group& group) const {
  placement::v1::AssignSequenceRequest request;
  request.mutable_command()->set_sequence_id(
      region_.schools[group.school].cohorts[group.cohort].sequence_id);
  for (const std::string& id : group.ids) request.mutable_command()->add_rows()->set_student_id(id);
  return CallOf(kAssign, group, std::move(request));
}

Call Intake::Schedule(const Group& group) {
  const demo::School& school = region_.schools[group.school];
  placement::v1::ScheduleStaysRequest request;
  const uint32_t starts_on = demo::DaysAfter(region_.today_on, kDaysBeforeStart);
  for (const std::string& id : group.ids) {
    auto* row = request.mutable_command()->add_rows();
    row->set_student_id(id);
    row->set_sequence_id(school.cohorts[group.cohort].sequence_id);
    row->set_company_id(school.companies[scheduled_++ % school.companies.size()].id);
    row->set_starts_on(starts_on);
    row->set_ends_on(demo::DaysAfter(starts_on, kDaysOfStay));
  }
  return CallOf(kSchedule, group, std::move(request));
}

Call Intake::Prepare(const Group& group) const {
  placement::v1::RecordPreparationRequest request;
  request.mutable_command()->set_held_on(region_.today_on);
  request.mutable_command()->add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
  for (const std::string& id : group.ids) request.mutable_command()->add_rows()->set_stay_id(id);
  return CallOf(kPrepare, group, std::move(request));
}

std::vector<Call> Intake::Round() {
  for (uint32_t kind = kKinds - 1; kind > 0; --kind) sent_[kind] = std::move(sent_[kind - 1]);
  sent_[kEnrol].clear();
  for (uint32_t i = 0; i < commands_per_kind_; ++i, ++groups_) {
    const size_t school = groups_ % region_.schools.size();
    const size_t cohort = groups_ / region_.schools.size() % region_.schools[school].cohorts.size();
    sent_[kEnrol].push_back({school, cohort, {}});
  }
  std::vector<Call> calls;
  for (uint32_t i = 0; i < commands_per_kind_; ++i) {
    calls.push_back(Enrol(sent_[kEnrol][i]));
    if (!sent_[kAssign].empty()) calls.push_back(Assign(sent_[kAssign][i]));
    if (!sent_[kSchedule].empty()) calls.push_back(Schedule(sent_[kSchedule][i]));
    if (!sent_[kPrepare].empty()) calls.push_back(Prepare(sent_[kPrepare][i]));
  }
  return calls;
}

bool Intake::Take(const Measured& measured) {
  if (measured.failed != 0) {
    fmt::print(stderr, "{} commands failed: {}\n", measured.failed, measured.first_failure);
    return false;
  }
  size_t next = 0;
  for (uint32_t i = 0; i < commands_per_kind_; ++i) {
    for (uint32_t kind = 0; kind < kKinds; ++kind) {
      if (sent_[kind].empty()) continue;
      // The answers to all four are alike.
      roster::v1::EnrolStudentsResponse answer;
      if (!answer.ParseFromString(measured.replies[next++]) ||
          answer.result().accepted_rows() != kRows) {
        fmt::print(stderr, "rows were refused: {}\n", answer.ShortDebugString());
        return false;
      }
      std::vector<std::string>& ids = sent_[kind][i].ids;
      if (kind == kEnrol || kind == kSchedule) ids.assign(kRows, "");
      for (const auto& created : answer.result().created()) {
        if (kind == kEnrol && !created.person_id().empty()) {
          ids[created.row()] = created.person_id();
        }
        if (kind == kSchedule && created.kind() == type::v1::AGGREGATE_KIND_STAY) {
          ids[created.row()] = created.id();
        }
      }
    }
  }
  return true;
}

}  // namespace jalon::bench
