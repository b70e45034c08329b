// AssignSequence: a student is to do a published sequence; from then on a stay is due (R18).
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"
#include "services/domain/sequence_type.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

bool Names(const auto& codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

// R2: the sequence belongs to the very version of the programme that the student does.
void CheckEnrolment(const Enrolment* enrolment, const SequenceVersion& sequence,
                    Refusals& refusals) {
  if (enrolment == nullptr) {
    refusals.Add(Reason::VERSION_MISMATCH, sequence.programme.Id());
    return;
  }
  refusals.Unless(enrolment->open, Reason::ENROLMENT_CLOSED, enrolment->programme.code);
  if (enrolment->programme != sequence.programme) {
    refusals.Add(Reason::VERSION_MISMATCH, enrolment->programme.Id(), {enrolment->fact});
  }
  if (!enrolment->in_alternance) {
    refusals.Add(Reason::NOT_IN_ALTERNANCE, enrolment->programme.code, {enrolment->fact});
  }
}

// R18: no target is evaluated already, unless it is released with a reason.
void CheckTargets(const StudentState& student, const SequenceVersion& sequence,
                  const auto& released, Refusals& refusals) {
  if (!RulesOf(sequence.type).makes_up_and_gates) return;
  for (const SequenceTarget& target : sequence.targets) {
    const ModuleRecord* record = student.FindModule(sequence.programme.code, target.module);
    if (record == nullptr || !record->Succeeded() || Names(released, target.module)) continue;
    refusals.Add(Reason::MODULE_ALREADY_EVALUATED, target.module, {record->SuccessFact()});
  }
}

// The targets of the assignment in force that gate an evaluation and would no more under the new
// version: it does not have them, or is of a type or a programme that does not gate them.
std::vector<std::string> DroppedBy(const SequenceVersion& sequence, const Assignment* known) {
  if (known == nullptr || !RulesOf(known->type).makes_up_and_gates) return {};
  if (!RulesOf(sequence.type).makes_up_and_gates ||
      sequence.programme.code != known->programme_code) {
    return known->modules;
  }
  std::vector<std::string> dropped;
  for (const std::string& module : known->modules) {
    if (sequence.FindTarget(module) == nullptr) dropped.push_back(module);
  }
  return dropped;
}

// What may be released: targets of the version, and those of the assignment in force.
bool IsReleasable(std::string_view module, const SequenceVersion& sequence,
                  const Assignment* known) {
  return sequence.FindTarget(module) != nullptr ||
         (known != nullptr && (Names(known->modules, module) || Names(known->released, module)));
}

void DecideRow(const placement::v1::AssignSequenceRow& row, const Bytes& sequence_id,
               const SequenceVersion& sequence, LocalDate assigned_on, const Context& context,
               State& state, Refusals& refusals, EventList& events) {
  const StudentState* student = state.Student(row.student_id());
  if (student == nullptr) {
    refusals.Add(Reason::NOT_FOUND, SubjectOf(row.student_id()));
    return;
  }
  const Assignment* known = student->FindAssignment(sequence_id);
  std::vector<std::string> released;  // by this row or before it
  if (known != nullptr) released = known->released;
  std::vector<std::string> newly_released;
  for (const std::string& module : row.release_modules()) {
    refusals.Unless(IsReleasable(module, sequence, known), Reason::FIELD_INVALID, module);
    if (Names(released, module)) continue;
    released.push_back(module);
    newly_released.push_back(module);
  }
  CheckVersion(context, known == nullptr ? 0 : known->version,
               known == nullptr ? FactRef{} : known->assigned, refusals);
  CheckEnrolment(student->FindEnrolment(sequence.programme.code), sequence, refusals);
  CheckTargets(*student, sequence, released, refusals);
  // R18: a target is released by name and with a reason, never by another version's silence.
  for (const std::string& module : DroppedBy(sequence, known)) {
    if (Names(released, module)) continue;
    refusals.Add(Reason::TARGET_DROPPED, module, {known->assigned, sequence.published});
  }
  refusals.If(!row.release_modules().empty() && !row.release_reason().has_sealed(),
              Reason::REASON_REQUIRED, "release_reason");
  const bool assigned_already = known != nullptr && known->sequence_version == sequence.number;
  if (assigned_already && newly_released.empty()) {
    refusals.Add(Reason::NOTHING_TO_CHANGE, SubjectOf(row.student_id()), {known->assigned});
  }
  if (refusals) return;

  const Aggregate assignment{type::v1::AGGREGATE_KIND_ASSIGNMENT,
                             Bytes(row.student_id()).append(sequence_id),
                             known == nullptr ? 0 : known->version};
  const About about{.occurred_on = assigned_on, .subject = row.student_id()};
  if (!assigned_already) {
    event::v1::SequenceAssigned assigned;
    assigned.set_sequence_version(sequence.number);
    assigned.set_type(sequence.type);
    assigned.set_programme_code(sequence.programme.code);
    for (const SequenceTarget& target : sequence.targets) {
      if (!Names(released, target.module)) assigned.add_modules(target.module);
    }
    events.Add(assignment, assigned, about);
  }
  for (const std::string& module : newly_released) {
    event::v1::TargetReleased release;
    release.set_module(module);
    *release.mutable_reason() = row.release_reason().sealed();
    events.Add(assignment, release, about);
  }
}

Decision Decide(const placement::v1::AssignSequence& command, const Context& context,
                State& state) {
  const SequenceState* sequence = state.Sequence(command.sequence_id());
  if (sequence == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.sequence_id()));
  const SequenceVersion* version = sequence->FindVersion(command.sequence_version());
  if (version == nullptr) {
    return Refuse(Reason::SEQUENCE_NOT_PUBLISHED, sequence->code);
  }
  const LocalDate assigned_on = context.OrToday(command.assigned_on());
  Refusals common;
  CheckFactDate(context, *state.School(), assigned_on, "command.assigned_on", common);
  SeenRows seen;
  return DecideRows(command.rows(), context, state, RowsAre::kIndependent,
                    [&](const auto& row, Refusals& refusals, EventList& events) {
                      refusals.Merge(common);
                      seen.Check(row.student_id(), SubjectOf(row.student_id()), refusals);
                      DecideRow(row, command.sequence_id(), *version, assigned_on, context, state,
                                refusals, events);
                    });
}

}  // namespace

void RegisterAssignSequence(Commands& commands) {
  commands.Add<placement::v1::AssignSequence>(Decide);
}

}  // namespace jalon::domain
