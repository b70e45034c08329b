#include "tests/properties/laws.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "jalon/event/v1/evaluation_events.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/followup/v1/follow_up_service.pb.h"
#include "jalon/option/v1/reason.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "services/domain/local_date.h"

namespace jalon::properties {
namespace {

using scenarios::Answer;

std::string Name(refusal::v1::RefusalReason reason) {
  constexpr size_t kPrefix = std::string_view("REFUSAL_REASON_").size();
  return refusal::v1::RefusalReason_Name(reason).substr(kPrefix);
}

void Write(const refusal::v1::Refusal& finding, Reasons* reasons) {
  std::string name = Name(finding.reason());
  if (!finding.cause().empty()) name += "/" + finding.cause();
  for (const std::string& subject : finding.subjects()) reasons->insert(name + " " + subject);
  if (finding.subjects().empty()) reasons->insert(name);
}

Reasons Refused(const Answer& answer) {
  Reasons reasons;
  for (const auto& refusal : answer.refusal.refusals()) Write(refusal, &reasons);
  return reasons;
}

bool IsDone(const Answer& answer) {
  return answer.accepted && answer.result.refused_rows().empty();
}

std::string Difference(std::string_view what, const Reasons& left, const Reasons& right) {
  return fmt::format("{}:\n  {}\nagainst:\n  {}", what, fmt::join(left, "\n  "),
                     fmt::join(right, "\n  "));
}

// "850-568 …": the first word after the reason's name; of "<id>/<activity>" both parts.
struct Subject {
  std::string reason;  // without its cause
  std::string cause;
  Bytes id;
  std::string activity;
};

Subject Read(const std::string& text) {
  Subject subject;
  const size_t space = text.find(' ');
  const std::string name = text.substr(0, space);
  const size_t cause = std::min(name.find('/'), name.size());
  subject.reason = name.substr(0, cause);
  if (cause < name.size()) subject.cause = name.substr(cause + 1);
  const std::string rest = text.substr(space + 1);
  const size_t slash = std::min(rest.find('/'), rest.size());
  JALON_CHECK(FromHex(rest.substr(0, slash), &subject.id));
  if (slash < rest.size()) subject.activity = rest.substr(slash + 1);
  return subject;
}

// The command by which the school, and nobody else, clears a reason; null: a later sitting does.
std::shared_ptr<google::protobuf::Message> Clearing(Cast& cast, size_t student,
                                                    const Subject& subject) {
  const uint32_t today = cast.Today();
  if (subject.reason == "STAY_NOT_SCHEDULED" || subject.reason == "ACTIVITY_NOT_PLACED") {
    auto schedule = std::make_shared<placement::v1::ScheduleStays>();
    auto& row = *schedule->add_rows();
    row.set_student_id(cast.students[student].person_id);
    row.set_sequence_id(subject.id);
    row.set_company_id(cast.company_id);
    row.set_starts_on(today);
    row.set_ends_on(today);
    for (const std::string& activity : cast.oracle.Assigned(row.student_id(), subject.id)) {
      if (!subject.activity.empty() && activity != subject.activity) continue;
      auto& planned = *row.add_activities();
      planned.set_activity(activity);
      planned.set_planned_minutes(1);
    }
    return schedule;
  }
  if (subject.cause == "NOT_STARTED") {
    auto start = std::make_shared<stay::v1::StartStay>();
    start->set_stay_id(subject.id);
    start->set_started_on(today);
    start->mutable_deviation_reason()->mutable_clear()->set_text("There already");
    return start;
  }
  if (subject.cause == "NOT_ENDED") {
    auto end = std::make_shared<stay::v1::EndStay>();
    end->set_stay_id(subject.id);
    end->set_ended_on(today);
    end->set_kind(type::v1::STAY_END_KIND_AS_PLANNED);
    end->set_presume_not_performed(true);
    return end;
  }
  if (subject.reason == "MAKEUP_NOT_PLANNED") {
    auto plan = std::make_shared<followup::v1::PlanMakeUp>();
    plan->set_owner_id(cast.maude.person_id);
    plan->set_place(type::v1::PLACE_SCHOOL);
    plan->set_due_on(today);
    auto& row = *plan->add_rows();
    row.set_stay_id(subject.id);
    row.set_activity(subject.activity);
    return plan;
  }
  if (subject.reason == "MAKEUP_NOT_COMPLETED" && subject.cause.empty()) {
    auto complete = std::make_shared<followup::v1::CompleteMakeUp>();
    complete->mutable_done_at_school()->set_done_on(today);
    auto& row = *complete->add_rows();
    row.set_stay_id(subject.id);
    row.set_activity(subject.activity);
    return complete;
  }
  if (subject.reason == "REPORT_OUTSTANDING") {
    auto set = std::make_shared<school::v1::SetPolicy>();
    set->set_effective_on(today);
    set->mutable_setting()->set_key("report_gate");
    set->mutable_setting()->set_choice("OFF");
    return set;
  }
  return nullptr;
}

// Where what is due cannot be scheduled any more, since its activities touch a module that is
// evaluated already, the school can still release the target, and that module too, and say why.
std::shared_ptr<google::protobuf::Message> Releasing(Cast& cast, size_t student,
                                                     const std::string& module,
                                                     const Subject& subject) {
  if (subject.reason != "STAY_NOT_SCHEDULED" && subject.reason != "ACTIVITY_NOT_PLACED") {
    return nullptr;
  }
  auto assign = std::make_shared<placement::v1::AssignSequence>();
  assign->set_sequence_id(subject.id);
  auto& row = *assign->add_rows();
  row.set_student_id(cast.students[student].person_id);
  for (const CastSequence& sequence : cast.sequences) {
    if (sequence.id != subject.id) continue;
    for (const std::string& target : sequence.modules) {
      const bool evaluated = Shown(cast, student, target, cast.Today()).contains("EVALUATED");
      if (target == module || evaluated) row.add_release_modules(target);
    }
  }
  row.mutable_release_reason()->mutable_clear()->set_text("Learned at school");
  return assign;
}

// The reason's own option names the command, and a role of the school that may send it.
bool SchoolMayClear(const std::string& reason, const std::string& command) {
  const auto* value =
      refusal::v1::RefusalReason_descriptor()->FindValueByName("REFUSAL_REASON_" + reason);
  const auto& option = value->options().GetExtension(option::v1::refusal);
  const bool by_school = std::ranges::any_of(option.who(), [](int role) {
    return role == type::v1::ROLE_WORK_STUDY_COORDINATOR || role == type::v1::ROLE_TEACHER;
  });
  return by_school && std::ranges::find(option.cleared_by(), command) != option.cleared_by().end();
}

}  // namespace

Reasons Shown(Cast& cast, size_t student, const std::string& module, uint32_t on) {
  progress::v1::GetSummativeEligibilityRequest request;
  request.set_student_id(cast.students[student].person_id);
  request.set_module(module);
  request.set_on(on);
  progress::v1::GetSummativeEligibilityResponse response;
  const auto answer = cast.world.Query(cast.jean, request, &response);
  JALON_CHECK(answer.has_value() && answer->accepted && response.modules_size() == 1);
  const auto& eligibility = response.modules(0);
  if (eligibility.verdict() == progress::v1::VERDICT_EVALUATED) return {"EVALUATED"};
  Reasons reasons;
  for (const auto& reason : eligibility.reasons()) Write(reason, &reasons);
  JALON_CHECK(reasons.empty() == (eligibility.verdict() == progress::v1::VERDICT_ELIGIBLE));
  return reasons;
}

AllReasons AllShown(Cast& cast, uint32_t on) {
  AllReasons all;
  for (size_t student = 0; student < cast.students.size(); ++student) {
    for (const std::string& module : kModules) {
      all[{student, module}] = Shown(cast, student, module, on);
    }
  }
  return all;
}

std::string QueryAgreesWithOracle(Cast& cast, uint32_t on) {
  AllReasons all = AllShown(cast, on);
  all[{0, kForeignModule}] = Shown(cast, 0, kForeignModule, on);
  for (const auto& [of, shown] : all) {
    const Reasons told = cast.oracle.Reasons(cast.students[of.first].person_id, of.second, on);
    if (shown != told) return Difference("the query of " + of.second + " shows", shown, told);
  }
  return {};
}

std::string CommandAgreesWithQuery(Cast& cast, size_t student, const std::string& module,
                                   uint32_t on) {
  Reasons shown = Shown(cast, student, module, on);
  if (shown.contains("EVALUATED")) shown = {"MODULE_ALREADY_EVALUATED " + module};
  type::v1::CommandHeader dry_run;
  dry_run.set_dry_run(true);
  const Answer answer = cast.Send(
      cast.maude, *WholeEvaluation(cast, student, module, on, type::v1::EVALUATION_RESULT_SUCCESS),
      dry_run);
  const Reasons refused = Refused(answer);
  if (answer.accepted != shown.empty() || refused != shown) {
    return Difference("the command answers", refused, shown);
  }
  return {};
}

std::string SilentMovesChangeNothing(const Cast& cast, const Move& move, const AllReasons& before,
                                     const AllReasons& after) {
  const bool starts = move.command->GetDescriptor() == stay::v1::StartStay::descriptor();
  if (!move.silent && !starts) return {};
  for (const auto& [of, reasons] : before) {
    Reasons expected = reasons;
    if (starts) {
      const auto& start = static_cast<const stay::v1::StartStay&>(*move.command);
      const std::string stay = ToHex(start.stay_id());
      if (expected.erase("STAY_NOT_ENDED/NOT_STARTED " + stay) > 0) {
        expected.insert("STAY_NOT_ENDED/NOT_ENDED " + stay);
      }
    }
    std::erase_if(expected, [](const auto& r) { return r.starts_with("REPORT_OUTSTANDING"); });
    Reasons now = after.at(of);
    std::erase_if(now, [](const auto& r) { return r.starts_with("REPORT_OUTSTANDING"); });
    if (now != expected) {
      return Difference(move.command->GetTypeName() + " changed " + of.second + " to", now,
                        expected);
    }
  }
  return cast.students.empty() ? "no student" : std::string();
}

std::string NothingIsCleared(const AllReasons& before, const AllReasons& after) {
  for (const auto& [of, reasons] : before) {
    if (!reasons.empty() && after.at(of).empty()) {
      return Difference("without a release, " + of.second + " became eligible", reasons, {});
    }
  }
  return {};
}

std::string SchoolAloneClearsAll(Cast& cast) {
  constexpr int kStepsMax = 1000;
  // What clears one module may, by an activity that touches both, be due in another: so one reason
  // after the other, until there is none anywhere.
  for (int step = 0; step < kStepsMax; ++step) {
    const AllReasons all = AllShown(cast, cast.Today());
    const auto next = std::ranges::find_if(
        all, [](const auto& of) { return !of.second.empty() && !of.second.contains("EVALUATED"); });
    if (next == all.end()) return {};
    const auto& [student, module] = next->first;
    const std::string reason = *next->second.begin();
    const Subject subject = Read(reason);
    std::shared_ptr<google::protobuf::Message> command = Clearing(cast, student, subject);
    if (command == nullptr) return "only a later sitting clears " + reason;
    Answer answer = cast.Send(cast.jean, *command);
    if (const auto other = Releasing(cast, student, module, subject);
        !IsDone(answer) && other != nullptr) {
      command = other;
      answer = cast.Send(cast.jean, *command);
    }
    if (!IsDone(answer)) {
      return Difference("the school cannot clear " + reason, Refused(answer), {});
    }
    if (!SchoolMayClear(subject.reason, command->GetDescriptor()->name())) {
      return reason + " does not name " + command->GetDescriptor()->name();
    }
    if (Shown(cast, student, module, cast.Today()).contains(reason)) {
      return reason + " is still there after " + command->GetDescriptor()->name();
    }
  }
  return "the reasons never end";
}

std::string ResultsStand(Cast& cast, const History& history) {
  for (size_t student = 0; student < cast.students.size(); ++student) {
    for (const std::string& module : kModules) {
      if (Shown(cast, student, module, cast.Today()).contains("EVALUATED")) continue;
      const Answer answer =
          cast.Send(cast.maude, *WholeEvaluation(cast, student, module, cast.Today(),
                                                 type::v1::EVALUATION_RESULT_SUCCESS));
      if (!answer.accepted) return Difference("an eligible module is refused", Refused(answer), {});
    }
  }
  for (const HistoryStay& stay : history.stays()) {
    for (const std::string& activity : stay.activities) {
      const size_t heard = cast.oracle.events().size();
      feedback::v1::RecordActivityOutcomes record;
      record.set_stay_id(stay.id);
      auto& outcome = *record.add_outcomes();
      outcome.set_activity(activity);
      outcome.set_outcome(type::v1::OUTCOME_KIND_COMPLETED);
      outcome.set_performed_on(cast.oracle.LastDayOf(stay.id));
      if (!cast.Send(cast.maude, record).accepted) continue;
      bool reviewed = false;
      for (size_t i = heard; i < cast.oracle.events().size(); ++i) {
        reviewed |= cast.oracle.events()[i].As<event::v1::EvaluationReviewRaised>() != nullptr;
      }
      if (reviewed != cast.oracle.WasEvaluatedAfter(stay.id, activity)) {
        return fmt::format("a late outcome of {} raises {} review", activity,
                           reviewed ? "a" : "no");
      }
    }
  }
  for (const auto& [of, reasons] : AllShown(cast, cast.Today())) {
    if (!reasons.contains("EVALUATED"))
      return Difference(of.second + " is not evaluated", reasons, {});
  }
  return {};
}

}  // namespace jalon::properties
