#include "services/api/queries/student_progress.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "jalon/feedback/v1/estimate.pb.h"
#include "jalon/person/v1/person.pb.h"
#include "projections/views/student_progress.h"
#include "projections/views/words_row.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/stay_summary.h"

namespace jalon::api {
namespace {

using progress::v1::ModuleProgress;
using progress::v1::StayProgress;
using projections::StayRow;

// The modules of an answer: some twenty, so that looking through them beats a map.
using Modules = google::protobuf::RepeatedPtrField<ModuleProgress>;

ModuleProgress* FindModule(Modules& modules, std::string_view code) {
  const auto found = std::ranges::find(modules, code, &ModuleProgress::module);
  return found == modules.end() ? nullptr : &*found;
}

// `outcome`: null where nothing was reported.
void CountActivity(const projections::ActivityFacts& activity,
                   const projections::OutcomeFacts* outcome, Modules& modules) {
  for (const projections::ModuleShare& share : activity.shares) {
    ModuleProgress* module = FindModule(modules, share.module);
    if (module == nullptr) continue;
    module->set_targeted(true);
    module->set_planned_count(module->planned_count() + 1);
    if (outcome == nullptr) continue;
    switch (outcome->kind) {
      case type::v1::OUTCOME_KIND_COMPLETED:
        module->set_completed_count(module->completed_count() + 1);
        break;
      case type::v1::OUTCOME_KIND_PARTLY:
        module->set_partly_count(module->partly_count() + 1);
        break;
      case type::v1::OUTCOME_KIND_NOT_PERFORMED:
        module->set_not_performed_count(module->not_performed_count() + 1);
        break;
      default:
        break;
    }
  }
}

void CountMakeUp(const projections::MakeUpFacts& make_up, Modules& modules) {
  for (const std::string& code : make_up.modules) {
    ModuleProgress* module = FindModule(modules, code);
    if (module == nullptr) continue;
    switch (make_up.state) {
      case type::v1::MAKE_UP_STATE_REQUIRED:
        module->set_make_up_required_count(module->make_up_required_count() + 1);
        break;
      case type::v1::MAKE_UP_STATE_PLANNED:
        module->set_make_up_planned_count(module->make_up_planned_count() + 1);
        break;
      case type::v1::MAKE_UP_STATE_COMPLETED:
        module->set_make_up_completed_count(module->make_up_completed_count() + 1);
        break;
      default:
        break;
    }
  }
}

void ShowAttempt(const projections::AttemptFacts& attempt, progress::v1::ModuleResult* result) {
  result->set_attempt(attempt.attempt);
  result->set_result(attempt.result);
  result->set_sat_from_on(attempt.sat_from_on);
  result->set_sat_to_on(attempt.sat_to_on);
  *result->mutable_event() = EventOf(attempt.recorded);
  result->set_under_review(!attempt.reviews.empty());
}

void ShowPriorResult(const projections::PriorResultFacts& prior,
                     progress::v1::PriorResultEntry* shown) {
  shown->set_origin(prior.origin);
  shown->set_result(prior.result);
  shown->set_attempts(prior.attempts);
  shown->set_obtained_on(prior.obtained_on);
  shown->set_document_ref(prior.document_ref);
  shown->set_transfer_id(prior.transfer_id);
  *shown->mutable_recorded() = EventOf(prior.recorded);
}

void ShowTransfer(const projections::TransferFacts& transfer, progress::v1::TransferEntry* shown) {
  shown->set_transfer_id(transfer.transfer_id);
  shown->set_issuing_school(transfer.issuing_school);
  shown->set_issuing_school_name(transfer.issuing_school_name);
  shown->set_issuer(transfer.issuer);
  *shown->mutable_imported() = EventOf(transfer.imported);
}

// Both versions. `sections`: null: what is sealed stays so.
void ShowCorrection(const projections::CorrectionFacts& correction, Sections* sections,
                    progress::v1::CorrectionEntry* shown) {
  if (!correction.corrected.IsNone()) {
    *shown->mutable_corrected() = EventOf(correction.corrected);
  }
  *shown->mutable_recorded() = EventOf(correction.recorded);
  ShowActor(correction.actor, shown->mutable_actor());
  if (sections == nullptr) return;
  sections->Add<person::v1::Identity>(correction.before, [shown](person::v1::Identity&& identity) {
    *shown->mutable_before() = std::move(identity);
  });
  sections->Add<person::v1::Identity>(correction.after, [shown](person::v1::Identity&& identity) {
    *shown->mutable_after() = std::move(identity);
  });
  sections->Add<person::v1::Words>(correction.reason, [shown](person::v1::Words&& words) {
    shown->set_reason(std::move(*words.mutable_text()));
  });
}

void ShowStatement(const projections::StatementFacts& statement, Sections* sections,
                   progress::v1::StatementEntry* shown) {
  shown->set_about_seq(statement.about_seq);
  shown->set_about_index(statement.about_index);
  *shown->mutable_recorded() = EventOf(statement.recorded);
  ShowActor(statement.actor, shown->mutable_actor());
  if (sections == nullptr) return;
  sections->Add<person::v1::Words>(statement.statement, [shown](person::v1::Words&& words) {
    shown->set_statement(std::move(*words.mutable_text()));
  });
  sections->Add<person::v1::Words>(statement.refused_since, [shown](person::v1::Words&& words) {
    shown->set_refused_since(std::move(*words.mutable_text()));
  });
}

// How it ended, and what was rectified: of the student, whatever the programme.
void ShowRights(const StudentRecord& record, const projections::EnrolmentFacts& enrolment,
                Sections* sections, progress::v1::StudentProgress* progress) {
  progress->set_end(enrolment.end);
  if (!enrolment.closed.IsNone()) *progress->mutable_closed() = EventOf(enrolment.closed);
  for (const auto& correction : record.student.corrections) {
    ShowCorrection(correction, sections, progress->add_corrections());
  }
  for (const auto& statement : record.student.statements) {
    ShowStatement(statement, sections, progress->add_statements());
  }
  for (const projections::TransferFacts& transfer : record.student.transfers) {
    if (transfer.programme_code != enrolment.programme.code) continue;
    ShowTransfer(transfer, progress->add_transfers());
  }
}

Result<void> ShowSequence(const projections::AssignmentFacts& assignment, Modules& modules,
                          LookUp& look_up, progress::v1::AssignedSequence* shown) {
  shown->set_sequence_id(assignment.sequence_id.Str());
  shown->set_sequence_version(assignment.sequence_version);
  JALON_ASSIGN_OR_RETURN(const SequencePtr sequence,
                         look_up.Sequence(assignment.sequence_id, assignment.sequence_version));
  if (sequence != nullptr) shown->set_sequence_code(sequence->code());
  shown->set_type(assignment.type);
  const auto released = [&](const std::string& module) {
    return std::ranges::find(assignment.released, module, &projections::ReleasedModule::module) !=
           assignment.released.end();
  };
  for (const std::string& code : assignment.modules) {
    if (released(code)) continue;
    shown->add_modules(code);
    if (ModuleProgress* module = FindModule(modules, code)) module->set_targeted(true);
  }
  for (const projections::ReleasedModule& module : assignment.released) {
    shown->add_released_modules(module.module);
  }
  *shown->mutable_assigned() = EventOf(assignment.assigned);
  return {};
}

void ShowActivity(const projections::ActivityFacts& activity,
                  const projections::OutcomeFacts* outcome, const StayRow& stay,
                  progress::v1::ActivityProgress* shown) {
  shown->set_activity(activity.activity);
  for (const projections::ModuleShare& share : activity.shares) shown->add_modules(share.module);
  if (outcome != nullptr) {
    shown->set_outcome(outcome->kind);
    shown->set_cause(outcome->cause);
    *shown->mutable_outcome_event() = EventOf(outcome->reported);
  }
  if (const projections::MakeUpFacts* make_up = stay.FindMakeUp(activity.activity)) {
    shown->set_make_up(make_up->state);
    *shown->mutable_make_up_event() = EventOf(make_up->latest);
  }
}

// Adds the sealed words under the key, if there are any, for `show(Clear&&)`.
template <typename Clear, typename Show>
Result<void> AddWords(std::string_view key, const QueryContext& context, Sections& sections,
                      Show show) {
  JALON_ASSIGN_OR_RETURN(
      auto words, context.rows().Find<projections::WordsRow>(projections::kStudentProgress, key));
  if (words) sections.Add<Clear>(std::move(words->sealed), std::move(show));
  return {};
}

Result<void> ShowEstimate(const projections::EstimateFacts& estimate, const StayRow& stay,
                          Sections* sections, const QueryContext& context,
                          progress::v1::EstimateEntry* shown) {
  shown->set_objective(estimate.objective);
  shown->set_not_observed(estimate.not_observed);
  *shown->mutable_reported() = EventOf(estimate.reported);
  ShowActor(estimate.actor, shown->mutable_estimator());
  if (sections == nullptr) return {};
  return AddWords<feedback::v1::EstimateWords>(
      projections::EstimateWordsKey(stay.stay_id, estimate.objective), context, *sections,
      [shown](feedback::v1::EstimateWords&& words) {
        shown->set_word(std::move(*words.mutable_word()));
        shown->set_comment(std::move(*words.mutable_comment()));
      });
}

Result<void> ShowReport(const projections::ReportFacts& report, const StayRow& stay,
                        Sections* sections, const QueryContext& context,
                        progress::v1::ReportEntry* shown) {
  shown->set_kind(report.kind);
  *shown->mutable_submitted() = EventOf(report.submitted);
  ShowActor(report.actor, shown->mutable_reporter());
  if (sections == nullptr) return {};
  return AddWords<person::v1::Words>(
      projections::ReportWordsKey(stay.stay_id, report.submitted), context, *sections,
      [shown](person::v1::Words&& words) { shown->set_words(std::move(*words.mutable_text())); });
}

// Shows the stay, and counts its activities in the modules.
Result<void> ShowStay(const StayRow& stay, Sections* sections, const QueryContext& context,
                      LookUp& look_up, Modules& modules, StayProgress* shown) {
  JALON_RETURN_IF_ERROR(Summarise(stay, context, look_up, shown->mutable_stay()));
  if (!stay.transferred.IsNone()) *shown->mutable_transferred() = EventOf(stay.transferred);
  shown->set_issuing_school(stay.issuing_school);
  const auto outcomes = stay.Outcomes();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const projections::ActivityFacts& activity = stay.plan->activities[i];
    ShowActivity(activity, outcomes[i], stay, shown->add_activities());
    if (i < stay.wordings.size())
      shown->mutable_activities()->rbegin()->set_wording(stay.wordings[i]);
    if (stay.state != type::v1::STAY_STATE_CANCELLED) CountActivity(activity, outcomes[i], modules);
  }
  for (const auto& estimate : stay.estimates) {
    JALON_RETURN_IF_ERROR(ShowEstimate(estimate, stay, sections, context, shown->add_estimates()));
  }
  for (const auto& report : stay.reports) {
    JALON_RETURN_IF_ERROR(ShowReport(report, stay, sections, context, shown->add_reports()));
  }
  return {};
}

}  // namespace

Result<void> ShowProgress(const StudentRecord& record, const projections::EnrolmentFacts& enrolment,
                          Sections* sections, const QueryContext& context,
                          progress::v1::StudentProgress* progress) {
  LookUp look_up(context, record);
  const std::string& code = enrolment.programme.code;
  progress->set_student_id(record.student_id.Str());
  progress->mutable_programme()->set_code(code);
  progress->mutable_programme()->set_language(enrolment.programme.language);
  progress->mutable_programme()->set_version(enrolment.programme.version);
  progress->set_in_alternance(enrolment.in_alternance);
  progress->set_cohort_id(enrolment.cohort_id.Str());
  *progress->mutable_enrolled() = EventOf(enrolment.enrolled);

  JALON_ASSIGN_OR_RETURN(const ProgrammePtr programme, look_up.Programme(enrolment.programme));
  Modules& modules = *progress->mutable_modules();
  if (programme != nullptr) {
    progress->set_programme_title(programme->title());
    for (const auto& definition : programme->modules()) {
      ModuleProgress* module = modules.Add();
      module->set_module(definition.code());
      module->set_statement(definition.statement());
      module->set_hours(definition.hours());
    }
  }
  for (const projections::AssignmentFacts& assignment : record.student.assignments) {
    if (assignment.programme_code != code) continue;
    JALON_RETURN_IF_ERROR(ShowSequence(assignment, modules, look_up, progress->add_sequences()));
  }
  for (const StayRow& stay : record.stays) {
    if (stay.programme_code != code) continue;
    JALON_RETURN_IF_ERROR(
        ShowStay(stay, sections, context, look_up, modules, progress->add_stays()));
    for (const auto& make_up : stay.make_ups) CountMakeUp(make_up, modules);
  }
  for (const projections::AttemptFacts& attempt : record.student.attempts) {
    ModuleProgress* module =
        attempt.programme_code == code ? FindModule(modules, attempt.module) : nullptr;
    if (module != nullptr) ShowAttempt(attempt, module->add_attempts());
  }
  for (const projections::PriorResultFacts& prior : record.student.prior_results) {
    ModuleProgress* module =
        prior.programme_code == code ? FindModule(modules, prior.module) : nullptr;
    if (module != nullptr) ShowPriorResult(prior, module->mutable_prior());
  }
  ShowRights(record, enrolment, sections, progress);
  return {};
}

}  // namespace jalon::api
