#include "tests/bench/prepared.h"

#include <fmt/format.h>

#include <algorithm>

#include "deploy/demo/admin.h"
#include "deploy/demo/year.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/client/request_id.h"
#include "tests/bench/ticker.h"

namespace jalon::bench {
namespace {

// Students of one cohort in one company: within its seats, and within the rows of a bulk command.
constexpr uint32_t kCohortPerCompany = 60;
// Two programmes in each school.
constexpr uint32_t kCohortsPerSchool = 2;
constexpr uint32_t kFewSchools = 3;
// Of a school, where there are few; each costs two tokens, which a process issues.
constexpr uint32_t kCompaniesMin = 6;

bool Failed(const demo::Crew& crew) {
  if (crew.fault().empty()) return false;
  fmt::print(stderr, "preparing the region failed: {}\n", crew.fault());
  return true;
}

Region FoundWith(demo::Crew& crew, const demo::Jalon& jalon, const demo::Founding& founding) {
  Region region;
  std::vector<std::string> coordinators;
  auto issue = [&](type::v1::Role role, const std::string& school, const std::string& person,
                   const std::string& company) {
    std::string token = jalon.Token(role, school, person, company);
    if (role == type::v1::ROLE_WORKPLACE_TUTOR) region.tokens.push_back(token);
    if (role == type::v1::ROLE_WORK_STUDY_COORDINATOR) coordinators.push_back(token);
    return token;
  };
  bool imported = true;
  auto import = [&](const demo::School& school) {
    for (const char* code : {"5830", "5745"}) {
      const demo::Finished done = jalon.Import(school.coordinator.client.token(), code);
      if (done.exit_code == 0) continue;
      imported = false;
      fmt::print(stderr, "{}{}", done.out, done.err);
    }
  };
  region.schools = demo::Found(founding, jalon.Connect(), issue, import, crew);
  region.tokens.insert(region.tokens.end(), coordinators.begin(), coordinators.end());
  region.today_on = founding.today_on;
  if (Failed(crew) || !imported) region.schools.clear();
  return region;
}

}  // namespace

Region Found(demo::Jalon& jalon, demo::Founding founding) {
  demo::Admin admin(jalon.admin());
  admin.Refresh();
  demo::Crew crew([&] { return admin.NowMs(); });
  founding.today_on = admin.today_on();
  Region region = FoundWith(crew, jalon, founding);
  region.now_ms = admin.NowMs();
  return region;
}

Region Prepare(demo::Jalon& jalon, uint32_t students, uint32_t schools) {
  demo::Admin admin(jalon.admin());
  admin.Refresh();
  demo::Crew crew([&] { return admin.NowMs(); });
  const Ticker ticker(fmt::format("preparing {} students, commands accepted", students),
                      [&crew] { return crew.accepted(); });
  const uint32_t cohorts = schools * kCohortsPerSchool;
  const uint32_t cohort = (students + cohorts - 1) / cohorts;
  const bool few = schools <= kFewSchools;
  Region region = FoundWith(
      crew, jalon,
      {.schools = schools,
       .spread = !few,
       .students_per_cohort = cohort,
       .companies_per_school = std::max(few ? kCompaniesMin : 1, cohort / kCohortPerCompany),
       .activities = kActivities,
       .today_on = admin.today_on()});
  if (region.schools.empty()) return region;
  demo::Year year(
      region.schools, crew, admin.today_on(), [&](uint32_t on) { admin.AdvanceTo(on); },
      [](const char*) {});
  for (const auto step : {&demo::Year::Schedule, &demo::Year::Arrange, &demo::Year::Start}) {
    (year.*step)();
    if (!Failed(crew)) continue;
    region.schools.clear();
    return region;
  }
  region.today_on = admin.today_on();
  region.now_ms = admin.NowMs();
  return region;
}

Requests::Requests(const Region& region, uint32_t seed) : region_(region), random_(seed) {
  uint32_t tutor = 0;
  const auto tutors = static_cast<uint32_t>(region.tokens.size() - region.schools.size());
  for (size_t s = 0; s < region.schools.size(); ++s) {
    const demo::School& school = region.schools[s];
    for (const demo::Cohort& cohort : school.cohorts) {
      for (const demo::Student& student : cohort.students) {
        places_.push_back({&student, &cohort, tutor + static_cast<uint32_t>(student.company),
                           tutors + static_cast<uint32_t>(s)});
      }
    }
    tutor += static_cast<uint32_t>(school.companies.size());
  }
  undone_.resize(places_.size() * kActivities);
  for (uint32_t i = 0; i < undone_.size(); ++i) undone_[i] = i;
  std::shuffle(undone_.begin(), undone_.end(), random_);
}

std::vector<std::string> Requests::Methods() {
  return {"/jalon.feedback.v1.FeedbackService/RecordActivityOutcomes",
          "/jalon.feedback.v1.FeedbackService/ReportFormativeEstimate",
          "/jalon.progress.v1.ProgressService/GetStudentProgress"};
}

Call Requests::Outcome() {
  const uint32_t drawn = undone_.back();
  undone_.pop_back();
  const Place& place = places_[drawn / kActivities];
  feedback::v1::RecordActivityOutcomesRequest request;
  request.mutable_header()->set_request_id(client::NewRequestId(region_.now_ms));
  request.mutable_command()->set_stay_id(place.student->stay_id);
  auto* outcome = request.mutable_command()->add_outcomes();
  outcome->set_activity("a" + std::to_string(drawn % kActivities + 1));
  outcome->set_outcome(type::v1::OUTCOME_KIND_COMPLETED);
  outcome->set_performed_on(region_.today_on);
  return {0, place.tutor_token, request.SerializeAsString()};
}

Call Requests::Estimate() {
  const Place& place = places_[random_() % places_.size()];
  feedback::v1::ReportFormativeEstimateRequest request;
  request.mutable_header()->set_request_id(client::NewRequestId(region_.now_ms));
  request.mutable_command()->set_stay_id(place.student->stay_id);
  request.mutable_command()->set_objective("o" + std::to_string(random_() % 5 + 1));
  request.mutable_command()->set_observed_on(region_.today_on);
  auto* words = request.mutable_command()->mutable_words()->mutable_clear();
  words->set_word("with help");
  words->set_comment("Careful and curious; ask for help earlier.");
  return {1, place.tutor_token, request.SerializeAsString()};
}

Call Requests::Progress() {
  const Place& place = places_[random_() % places_.size()];
  progress::v1::GetStudentProgressRequest request;
  request.set_student_id(place.student->id);
  return {2, place.school_token, request.SerializeAsString()};
}

std::vector<Call> Requests::Make(Mix mix, size_t count) {
  std::vector<Call> calls;
  calls.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const bool outcome = mix == Mix::kOutcomes || (mix == Mix::kHalfAndHalf && i % 2 == 0);
    if (mix == Mix::kProgress) {
      calls.push_back(Progress());
    } else {
      calls.push_back(outcome && !undone_.empty() ? Outcome() : Estimate());
    }
  }
  return calls;
}

}  // namespace jalon::bench
