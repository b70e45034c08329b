// Events of FeedbackService: what they leave in the student's row. The words stay in the log.
#include "jalon/event/v1/feedback_events.pb.h"
#include "services/domain/evolve/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

void SetOutcome(const std::string& activity, type::v1::OutcomeKind kind,
                type::v1::OutcomeCause cause, const Event& event, Rows& rows) {
  ChangeStayByFact(event, rows, [&](Stay& stay) {
    const auto index = stay.plan->IndexOf(activity);
    if (index) stay.outcomes[*index] = {.kind = kind, .cause = cause, .fact = event.Ref()};
  });
}

void Evolve(const event::v1::ActivityCompleted& completed, const Event& event, Rows& rows) {
  SetOutcome(completed.activity(), type::v1::OUTCOME_KIND_COMPLETED,
             type::v1::OUTCOME_CAUSE_UNSPECIFIED, event, rows);
}

void Evolve(const event::v1::ActivityPartlyPerformed& partly, const Event& event, Rows& rows) {
  SetOutcome(partly.activity(), type::v1::OUTCOME_KIND_PARTLY, partly.cause(), event, rows);
}

void Evolve(const event::v1::ActivityNotPerformed& missed, const Event& event, Rows& rows) {
  SetOutcome(missed.activity(), type::v1::OUTCOME_KIND_NOT_PERFORMED, missed.cause(), event, rows);
}

void Evolve(const event::v1::FormativeEstimateReported& estimate, const Event& event, Rows& rows) {
  ChangeStayByFact(event, rows, [&](Stay& stay) {
    const auto index = stay.plan->IndexOfObjective(estimate.objective());
    if (!index) return;
    stay.estimates[*index] = estimate.not_observed() ? Estimated::kNotObserved : Estimated::kWord;
  });
}

void Evolve(const event::v1::TutorReportSubmitted& report, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    if (report.kind() == type::v1::TUTOR_REPORT_KIND_FINAL) stay.final_report = event.Ref();
  });
}

void Evolve(const event::v1::AttitudeObserved& observed, const Event& event, Rows& rows) {
  ChangeStayByFact(event, rows, [&](Stay& stay) {
    stay.observation_count = observed.observation_number();
    stay.open_observations.push_back(observed.observation_number());
  });
}

}  // namespace

void RegisterFeedbackEvents(Events& events) {
  events.Add<event::v1::ActivityCompleted>(Evolve);
  events.Add<event::v1::ActivityPartlyPerformed>(Evolve);
  events.Add<event::v1::ActivityNotPerformed>(Evolve);
  events.Add<event::v1::FormativeEstimateReported>(Evolve);
  events.Add<event::v1::TutorReportSubmitted>(Evolve);
  events.Add<event::v1::AttitudeObserved>(Evolve);
}

}  // namespace jalon::domain
