#include "tests/faults/region.h"

#include "deploy/demo/founding.h"
#include "deploy/demo/year.h"
#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"

namespace jalon::faults {
namespace {

constexpr uint32_t kRowsMax = 500;       // of a page
constexpr size_t kStudentsPerAsked = 5;  // one in so many is asked about

size_t StudentsOf(const demo::School& school) {
  return school.cohorts.size() * school.cohorts[0].students.size();
}

const demo::Student& StudentAt(const demo::School& school, size_t number) {
  const demo::Cohort& cohort = school.cohorts[number % school.cohorts.size()];
  return cohort.students[number / school.cohorts.size() % cohort.students.size()];
}

}  // namespace

Region::Region(const demo::Jalon& jalon)
    : jalon_(jalon), admin_(jalon.admin()), crew_([this] { return admin_.NowMs(); }) {}

Result<void> Region::Live(uint32_t students_per_cohort) {
  if (!admin_.Refresh()) return Fail(Code::kUnavailable, "UNAVAILABLE", admin_.fault());
  std::string fault;
  schools_ = demo::Found(
      {.students_per_cohort = students_per_cohort, .today_on = admin_.today_on()}, jalon_.Connect(),
      [this](type::v1::Role role, const std::string& school, const std::string& person,
             const std::string& company) { return jalon_.Token(role, school, person, company); },
      [&](const demo::School& school) {
        for (const char* code : {"5830", "5745"}) {
          const demo::Finished done = jalon_.Import(school.coordinator.client.token(), code);
          if (done.exit_code != 0) fault = done.out + done.err;
        }
      },
      crew_);
  if (!fault.empty()) return Fail(Code::kInternal, "INTERNAL", fault);
  demo::Year year(
      schools_, crew_, admin_.today_on(), [this](uint32_t on) { admin_.AdvanceTo(on); },
      [](const char*) {});
  using Step = void (demo::Year::*)();
  for (const Step step :
       {&demo::Year::Schedule, &demo::Year::Arrange, &demo::Year::Start, &demo::Year::Work,
        &demo::Year::End, &demo::Year::MakeUp, &demo::Year::Evaluate}) {
    JALON_RETURN_IF_ERROR(Settle());
    (year.*step)();
  }
  return Settle();
}

void Region::Write() {
  const demo::School& school = schools_[turn_ % schools_.size()];
  const demo::Student& student = StudentAt(school, turn_ / schools_.size());
  ++turn_;
  feedback::v1::SubmitTutorReport report;
  report.set_stay_id(student.stay_id);
  report.set_kind(type::v1::TUTOR_REPORT_KIND_SUPPLEMENT);
  report.mutable_words()->mutable_clear()->set_text("A year later: hired.");
  crew_.Send(school.companies[student.company].tutor.client, report,
             [this, &school](const client::Reply& reply) {
               if (reply.ok) Note(school, reply.result.position());
             });
}

void Region::Note(const demo::School& school, const type::v1::Position& position) {
  MutexLock lock(mutex_);
  type::v1::Position& last = last_[school.id];
  if (position.seq() > last.seq()) last = position;
}

Result<void> Region::Settle() {
  crew_.Wait();
  const std::string fault = crew_.fault();
  if (!fault.empty()) return Fail(Code::kInternal, "INTERNAL", fault);
  return {};
}

template <typename Response, typename Request>
Result<void> Region::Ask(const demo::School& school, Request request, std::string* bytes) {
  {
    MutexLock lock(mutex_);
    const auto last = last_.find(school.id);
    if (last != last_.end()) *request.mutable_header()->mutable_min_position() = last->second;
  }
  Response response;
  client::Reply reply = school.coordinator.client.Query(request, &response);
  if (!reply.ok) return std::unexpected(std::move(reply.error));
  bytes->append(response.SerializeAsString());
  return {};
}

Result<std::string> Region::Answers() {
  std::string bytes;
  for (const demo::School& school : schools_) {
    placement::v1::ListStaysRequest stays;
    stays.mutable_page()->set_page_size(kRowsMax);
    JALON_RETURN_IF_ERROR(Ask<placement::v1::ListStaysResponse>(school, stays, &bytes));
    duty::v1::ListMakeUpsRequest make_ups;
    make_ups.mutable_page()->set_page_size(kRowsMax);
    JALON_RETURN_IF_ERROR(Ask<duty::v1::ListMakeUpsResponse>(school, make_ups, &bytes));
    for (size_t i = 0; i < StudentsOf(school); i += kStudentsPerAsked) {
      const demo::Student& student = StudentAt(school, i);
      progress::v1::GetStudentProgressRequest progress;
      progress.set_student_id(student.id);
      JALON_RETURN_IF_ERROR(
          Ask<progress::v1::GetStudentProgressResponse>(school, progress, &bytes));
      progress::v1::GetSummativeEligibilityRequest eligibility;
      eligibility.set_student_id(student.id);
      JALON_RETURN_IF_ERROR(
          Ask<progress::v1::GetSummativeEligibilityResponse>(school, eligibility, &bytes));
      progress::v1::GetHoursLedgerRequest hours;
      hours.set_student_id(student.id);
      JALON_RETURN_IF_ERROR(Ask<progress::v1::GetHoursLedgerResponse>(school, hours, &bytes));
      progress::v1::GetAttitudeTimelineRequest attitudes;
      attitudes.set_student_id(student.id);
      JALON_RETURN_IF_ERROR(
          Ask<progress::v1::GetAttitudeTimelineResponse>(school, attitudes, &bytes));
    }
  }
  return bytes;
}

Result<uint64_t> Region::Seen(size_t student) const {
  progress::v1::GetStudentProgressRequest request;
  request.set_student_id(StudentAt(schools_[0], student).id);
  progress::v1::GetStudentProgressResponse response;
  client::Reply reply = schools_[0].coordinator.client.Query(request, &response);
  if (!reply.ok) return std::unexpected(std::move(reply.error));
  return response.as_of().position().seq();
}

}  // namespace jalon::faults
