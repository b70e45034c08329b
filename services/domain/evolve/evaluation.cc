// Events of EvaluationService, and results brought along: what they leave in the student's row.
// Aggregate: student_id ‖ module.
#include <algorithm>

#include "jalon/event/v1/evaluation_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "services/domain/evolve/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

ModuleRecord& EditModule(const Event& event, const std::string& programme_code,
                         const std::string& module, Rows& rows) {
  StudentState& student = rows.Student(event.aggregate().substr(0, kPersonIdBytes));
  const auto found = std::ranges::find_if(student.modules, [&](const ModuleRecord& record) {
    return record.module == module && record.programme_code == programme_code;
  });
  ModuleRecord& record = found != student.modules.end() ? *found : student.modules.emplace_back();
  record.programme_code = programme_code;
  record.module = module;
  record.version = event.version();
  return record;
}

void Evolve(const event::v1::SummativeEvaluationRecorded& evaluation, const Event& event,
            Rows& rows) {
  EditModule(event, evaluation.programme_code(), evaluation.module(), rows)
      .attempts.push_back({.number = evaluation.attempt(),
                           .result = evaluation.result(),
                           .sat_from_on = evaluation.sat_from_on(),
                           .sat_to_on = evaluation.sat_to_on(),
                           .evaluator_id = evaluation.evaluator_id(),
                           .recorded = event.Ref(),
                           .open_reviews = {}});
}

void Evolve(const event::v1::PriorResultRecorded& prior, const Event& event, Rows& rows) {
  EditModule(event, prior.programme_code(), prior.module(), rows).prior = {
      .origin = prior.origin(),
      .result = prior.result(),
      .attempts = prior.attempts(),
      .obtained_on = prior.obtained_on(),
      .recorded = event.Ref()};
}

void Evolve(const event::v1::EvaluationReviewRaised& review, const Event& event, Rows& rows) {
  for (Attempt& attempt :
       EditModule(event, review.programme_code(), review.module(), rows).attempts) {
    if (attempt.number == review.attempt() && !attempt.IsAbsence()) {
      attempt.open_reviews.push_back(event.Ref());
    }
  }
}

}  // namespace

void RegisterEvaluationEvents(Events& events) {
  events.Add<event::v1::SummativeEvaluationRecorded>(Evolve);
  events.Add<event::v1::EvaluationReviewRaised>(Evolve);
  events.Add<event::v1::PriorResultRecorded>(Evolve);
}

}  // namespace jalon::domain
