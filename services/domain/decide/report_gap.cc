// ReportResourceGap: what lacks, how it is bridged, and that it lacks no more (R13).
#include <algorithm>

#include "eventstore/base/hash.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/event/v1/company_events.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/gap.h"
#include "services/domain/decide/sequence_rules.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using company::v1::ReportResourceGap;

// Where a gap was met: a company, a sequence and, if it concerns one stay only, that stay.
struct GapPlace {
  Bytes company_id;
  Bytes sequence_id;
  uint32_t sequence_version = 0;  // 0: the published one
};

GapPlace PlaceOf(const ReportResourceGap& command, const Context& context, const Stay* stay) {
  if (stay != nullptr) return {stay->company_id, stay->sequence_id, stay->sequence_version};
  return {command.company_id().empty() ? context.principal().company_id : command.company_id(),
          command.sequence_id()};
}

// What the command names beside the stay must agree with it.
bool Agrees(const ReportResourceGap& command, const GapPlace& place) {
  return (command.company_id().empty() || command.company_id() == place.company_id) &&
         (command.sequence_id().empty() || command.sequence_id() == place.sequence_id);
}

// A company's people speak of their own company, a student of where a stay of theirs is; of another
// one they know nothing.
bool Knows(const Context& context, State& state, const GapPlace& place) {
  if (context.principal().role != type::v1::ROLE_STUDENT) {
    return MaySpeakOf(context, place.company_id);
  }
  const StudentState* student = state.Student(context.principal().person_id);
  return student != nullptr && std::ranges::any_of(student->stays, [&](const Shared<Stay>& stay) {
           return stay->company_id == place.company_id && stay->sequence_id == place.sequence_id;
         });
}

// A company's people know the sequences of the stays there: of another one not even that there is
// one.
bool KnowsSequence(const Context& context, const CompanyState& company, const GapPlace& place) {
  return !context.principal().IsCompany() || company.Hosts(place.sequence_id);
}

// The gap, as far as the stay or the sequence that it concerns is in the caller's scope.
const ResourceGap* FindGap(const Context& context, State& state, const CompanyState& company,
                           uint32_t number) {
  const ResourceGap* gap = company.FindOpenGap(number);
  if (gap == nullptr) return nullptr;
  const bool seen = gap->stay_id.empty() ? FindSequence(context, state, gap->sequence_id) != nullptr
                                         : FindStay(context, state, gap->stay_id).stay != nullptr;
  return seen ? gap : nullptr;
}

bool MayBridge(const Context& context) {
  const type::v1::Role role = context.principal().role;
  return role == type::v1::ROLE_WORK_STUDY_COORDINATOR || role == type::v1::ROLE_TEACHER;
}

// Anyone who is there may say that something lacks; the school alone says how it is bridged, and
// that it lacks no more.
void CheckAct(const ReportResourceGap& command, const GapPlace& place, const CompanyState& company,
              const Context& context, State& state, Refusals& refusals) {
  const auto check_open = [&](uint32_t number) {
    refusals.If(FindGap(context, state, company, number) == nullptr, Reason::GAP_UNKNOWN,
                std::to_string(number));
    refusals.Unless(MayBridge(context), Reason::ROLE_NOT_ALLOWED);
  };
  switch (command.act_case()) {
    case ReportResourceGap::kReport: {
      refusals.If(command.report().has_mitigation() && !MayBridge(context),
                  Reason::ROLE_NOT_ALLOWED, "command.report.mitigation");
      // Whoever sees a stay may speak of its sequence there.
      const SequenceState* sequence = command.stay_id().empty()
                                          ? FindSequence(context, state, place.sequence_id)
                                          : state.Sequence(place.sequence_id);
      const SequenceVersion* version =
          sequence == nullptr ? nullptr : sequence->FindVersion(place.sequence_version);
      refusals.If(sequence == nullptr, Reason::NOT_FOUND, ToHex(place.sequence_id));
      refusals.If(sequence != nullptr && version == nullptr, Reason::SEQUENCE_NOT_PUBLISHED,
                  ToHex(place.sequence_id));
      if (version != nullptr) CheckGap(command.report(), *version, context, state, refusals);
      return;
    }
    case ReportResourceGap::kMitigate:
      check_open(command.mitigate().gap_number());
      CheckMitigation(command.mitigate().mitigation(), context, state, refusals);
      return;
    case ReportResourceGap::kResolve:
      check_open(command.resolve().gap_number());
      return;
    case ReportResourceGap::ACT_NOT_SET:
      refusals.Add(Reason::FIELD_REQUIRED, "command.act");
  }
}

Decision Decide(const ReportResourceGap& command, const Context& context, State& state) {
  const Stay* stay =
      command.stay_id().empty() ? nullptr : FindStay(context, state, command.stay_id()).stay;
  if (stay == nullptr && !command.stay_id().empty()) {
    return Refuse(Reason::NOT_FOUND, ToHex(command.stay_id()));
  }
  const GapPlace place = PlaceOf(command, context, stay);
  const CompanyState* company = state.Company(place.company_id);
  if (company == nullptr || !Agrees(command, place) || !Knows(context, state, place)) {
    return Refuse(Reason::NOT_FOUND, ToHex(place.company_id));
  }
  if (command.has_report() && stay == nullptr && !KnowsSequence(context, *company, place)) {
    return Refuse(Reason::NOT_FOUND, ToHex(place.sequence_id));
  }
  Refusals refusals;
  const LocalDate reported_on = context.OrToday(command.reported_on());
  CheckFactDate(context, *state.School(), reported_on, "command.reported_on", refusals);
  CheckAct(command, place, *company, context, state, refusals);
  CheckOnBehalfOfCompany(context, state, place.company_id, reported_on, /*required=*/false,
                         refusals);
  CheckVersion(context, company->version, {}, refusals);
  if (refusals) return Refuse(std::move(refusals));

  const Aggregate aggregate{type::v1::AGGREGATE_KIND_HOST_COMPANY, place.company_id,
                            company->version};
  const About about{.occurred_on = reported_on};
  EventList events(context, state);
  if (command.has_report()) {
    events.Add(
        aggregate,
        GapReported(company->gap_count + 1, place.sequence_id, command.stay_id(), command.report()),
        about);
  } else if (command.has_mitigate()) {
    event::v1::ResourceGapMitigated mitigated;
    mitigated.set_gap_number(command.mitigate().gap_number());
    *mitigated.mutable_mitigation() = command.mitigate().mitigation();
    events.Add(aggregate, mitigated, about);
  } else {
    event::v1::ResourceGapResolved resolved;
    resolved.set_gap_number(command.resolve().gap_number());
    events.Add(aggregate, resolved, about);
  }
  return events;
}

}  // namespace

void RegisterReportResourceGap(Commands& commands) {
  commands.Add<ReportResourceGap>(Decide, {.keyed_in_for = CommandTraits::KeyedInFor::kCompany});
}

}  // namespace jalon::domain
