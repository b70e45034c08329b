// AttestCompanyResources: the school makes sure of what the student needs (R13).
#include "eventstore/base/hash.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/event/v1/company_events.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/gap.h"
#include "services/domain/decide/sequence_rules.h"
#include "services/domain/policy.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using company::v1::AttestCompanyResources;
using company::v1::Gap;

// R13: the school makes sure; it says of what, and how it knows.
void CheckComplete(const AttestCompanyResources& command, Refusals& refusals) {
  refusals.If(command.human().empty(), Reason::ATTESTATION_INCOMPLETE, "human");
  refusals.If(command.material().empty(), Reason::ATTESTATION_INCOMPLETE, "material");
  refusals.If(command.means() == company::v1::ATTESTATION_MEANS_UNSPECIFIED,
              Reason::ATTESTATION_INCOMPLETE, "means");
}

Decision Decide(const AttestCompanyResources& command, const Context& context, State& state) {
  if (context.principal().IsCompany()) return Refuse(Reason::RESOURCES_ARE_ATTESTED_BY_SCHOOL);
  const CompanyState* company = state.Company(command.company_id());
  if (company == nullptr) return Refuse(Reason::NOT_FOUND, ToHex(command.company_id()));
  const SequenceState* sequence = FindSequence(context, state, command.sequence_id());
  if (sequence == nullptr) return Refuse(Reason::NOT_FOUND, ToHex(command.sequence_id()));

  Refusals refusals;
  const SchoolState& school = *state.School();
  const LocalDate attested_on = context.OrToday(command.attested_on());
  const SequenceVersion* version = sequence->FindVersion(command.sequence_version());
  refusals.If(version == nullptr, Reason::SEQUENCE_NOT_PUBLISHED, sequence->code);
  CheckComplete(command, refusals);
  CheckFactDate(context, school, attested_on, "command.attested_on", refusals);
  for (const Gap& gap : command.gaps()) {
    if (version != nullptr) CheckGap(gap, *version, context, state, refusals);
  }
  CheckVersion(context, company->version, {}, refusals);
  if (refusals) return Refuse(std::move(refusals));

  const Policy policy(school, context.today());
  event::v1::CompanyResourcesAttested attested;
  attested.set_sequence_id(command.sequence_id());
  attested.set_sequence_version(version->number);
  attested.set_human(command.human());
  attested.set_material(command.material());
  attested.set_means(command.means());
  attested.set_valid_until_on(
      AddMonths(attested_on, static_cast<uint32_t>(policy.Number(PolicyKey::kAttestationMonths))));
  const Aggregate aggregate{type::v1::AGGREGATE_KIND_HOST_COMPANY, command.company_id(),
                            company->version};
  EventList events(context, state);
  events.Add(aggregate, attested, {.occurred_on = attested_on});
  uint32_t number = company->gap_count;
  for (const Gap& gap : command.gaps()) {
    events.Add(aggregate, GapReported(++number, command.sequence_id(), {}, gap),
               {.occurred_on = attested_on});
  }
  return events;
}

}  // namespace

void RegisterAttestCompanyResources(Commands& commands) {
  commands.Add<AttestCompanyResources>(Decide);
}

}  // namespace jalon::domain
