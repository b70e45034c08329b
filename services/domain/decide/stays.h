// What the commands about stays share: who sees a stay, who is its tutor on a day, what is said of
// it in an event's envelope.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "services/domain/checks.h"
#include "services/domain/decision.h"
#include "services/domain/policy.h"
#include "services/domain/scope.h"
#include "services/domain/state.h"
#include "services/domain/subject.h"

namespace jalon::domain {

// A signatory sees the stays of the company, a tutor those of it assigned to them, a student their
// own, a teacher those in scope and those that they supervise, a coordinator all of the school.
// Nobody else sees any. REQUIRES: the scope is not nothing.
bool SeesStay(const Principal& caller, const Scope& scope, const Stay& stay, LocalDate today);

// The stay and its student, as far as the caller sees them. Otherwise it is as if there were none:
// `stay` is null, and the answer NOT_FOUND.
struct FoundStay {
  const StudentState* student = nullptr;
  const Stay* stay = nullptr;
};
FoundStay FindStay(const Context& context, State& state, std::string_view stay_id);

// REQUIRES: the caller sees the stay. Whether the make-up of that activity of the plan is in scope,
// too: a teacher of one module does not make up another one's.
bool SeesMakeUp(const Context& context, State& state, const Stay& stay,
                const PlannedActivity& activity);

Aggregate AggregateOf(const Stay& stay);
// Of the make-up of an activity of the plan; `make_up` is null where none exists yet.
Aggregate AggregateOfMakeUp(const Stay& stay, std::string_view activity, const MakeUp* make_up);

// Of the evaluations of a student in a module, whichever the programme.
Aggregate AggregateOfModule(const StudentState& student, std::string_view student_id,
                            std::string_view module);

// What the envelope of an event about the stay says; occurred_on 0: today.
About AboutStay(const Stay& stay, LocalDate occurred_on = 0);
// The same for a consequence that the system draws.
About SystemAboutStay(const Stay& stay, LocalDate occurred_on);

// R15: the person evaluated this student for the school, and so does not act for a company in one
// of the student's stays. The other order is RecordSummativeEvaluation's to refuse.
bool HasEvaluated(const StudentState& student, std::string_view person_id);

// The stay is running, or ended so lately that what the company says of it still counts.
bool IsOpenForFacts(const Stay& stay, const Policy& policy, LocalDate today);

// STAY_NOT_STARTED, or LATE_WINDOW_CLOSED once the late window is over.
void CheckOpenForFacts(const Stay& stay, const Policy& policy, LocalDate today, Refusals& refusals);

// The day lies between the start and the end: DATE_OUTSIDE_STAY.
void CheckInStay(const Stay& stay, LocalDate date, std::string_view subject, Refusals& refusals);

// R20: where the act is a tutor's, that tutor holds the duty on that day, and a tutor who was
// replaced speaks of it until the grace is over: TUTOR_NOT_ASSIGNED. What the school states by
// itself needs no tutor.
void CheckTutorOn(const Context& context, const Stay& stay, const Policy& policy, LocalDate date,
                  std::string_view subject, Refusals& refusals);

// Rows of one command about the same thing: the second one is refused DUPLICATE_ROW.
class SeenRows {
 public:
  void Check(std::string id, std::string subject, Refusals& refusals) {
    refusals.Unless(seen_.insert(std::move(id)).second, Reason::DUPLICATE_ROW, std::move(subject));
  }

 private:
  std::set<std::string> seen_;
};

// A bulk command whose rows each name a stay_id: decides each row on its stay, as the caller sees
// it. `common` refuses every row.
//
//   decide_row(row, *found.student, *found.stay, refusals, events)
template <typename RowList, typename DecideRow>
Decision DecideStays(const RowList& rows, const Context& context, State& state,
                     const Refusals& common, DecideRow decide_row) {
  SeenRows seen;
  return DecideRows(rows, context, state, RowsAre::kIndependent,
                    [&](const auto& row, Refusals& refusals, EventList& events) {
                      refusals.Merge(common);
                      seen.Check(row.stay_id(), SubjectOf(row.stay_id()), refusals);
                      const FoundStay found = FindStay(context, state, row.stay_id());
                      if (found.stay == nullptr) {
                        refusals.Add(Reason::NOT_FOUND, SubjectOf(row.stay_id()));
                        return;
                      }
                      CheckVersion(context, found.stay->version, found.stay->scheduled, refusals);
                      decide_row(row, *found.student, *found.stay, refusals, events);
                    });
}

}  // namespace jalon::domain
