// Events of companies.
#include <algorithm>

#include "jalon/event/v1/company_events.pb.h"
#include "services/domain/registry.h"
#include "services/domain/site_key.h"

namespace jalon::domain {
namespace {

void Evolve(const event::v1::HostCompanyRegistered& registered, const Event& event, Rows& rows) {
  CompanyState& company = rows.Company(event.aggregate());
  company.version = event.version();
  company.registered = event.Ref();
  if (registered.neq().empty()) return;
  auto& site = rows.Edit<SiteState>(SiteKey(registered.neq(), registered.site()));
  if (site.company_id.empty()) site = {Bytes(event.aggregate()), event.Ref()};
}

void Evolve(const event::v1::HostingCapacityDeclared& declared, const Event& event, Rows& rows) {
  CompanyState& company = rows.Company(event.aggregate());
  company.version = event.version();
  HostingCapacity& capacity = company.capacities.emplace_back();
  capacity.from_on = declared.from_on();
  capacity.until_on = declared.until_on();
  capacity.seats = declared.seats();
  capacity.interested = declared.interested();
  capacity.fact = event.Ref();
  for (const auto& reach : declared.reach()) {
    capacity.reach.push_back({reach.programme_code(), reach.module(), reach.mode()});
  }
}

void Evolve(const event::v1::CompanyResourcesAttested& attested, const Event& event, Rows& rows) {
  CompanyState& company = rows.Company(event.aggregate());
  company.version = event.version();
  company.Attest({.sequence_id = attested.sequence_id(),
                  .sequence_version = attested.sequence_version(),
                  .attested_on = event.occurred_on(),
                  .valid_until_on = attested.valid_until_on(),
                  .fact = event.Ref()});
}

void Evolve(const event::v1::ResourceGapReported& reported, const Event& event, Rows& rows) {
  CompanyState& company = rows.Company(event.aggregate());
  company.version = event.version();
  company.gap_count = reported.gap_number();
  const auto& activities = reported.gap().activities();
  const bool mitigated = reported.gap().has_mitigation();
  company.open_gaps.push_back({.number = reported.gap_number(),
                               .sequence_id = reported.sequence_id(),
                               .stay_id = reported.stay_id(),
                               .activities = {activities.begin(), activities.end()},
                               .mitigated = mitigated,
                               .reported = event.Ref(),
                               .mitigation = mitigated ? event.Ref() : FactRef{}});
}

void Evolve(const event::v1::ResourceGapMitigated& mitigated, const Event& event, Rows& rows) {
  CompanyState& company = rows.Company(event.aggregate());
  company.version = event.version();
  for (ResourceGap& gap : company.open_gaps) {
    if (gap.number != mitigated.gap_number()) continue;
    gap.mitigated = true;
    gap.mitigation = event.Ref();
  }
}

void Evolve(const event::v1::ResourceGapResolved& resolved, const Event& event, Rows& rows) {
  CompanyState& company = rows.Company(event.aggregate());
  company.version = event.version();
  std::erase_if(company.open_gaps,
                [&](const ResourceGap& gap) { return gap.number == resolved.gap_number(); });
}

}  // namespace

void RegisterCompanyEvents(Events& events) {
  events.Add<event::v1::HostCompanyRegistered>(Evolve);
  events.Add<event::v1::HostingCapacityDeclared>(Evolve);
  events.Add<event::v1::CompanyResourcesAttested>(Evolve);
  events.Add<event::v1::ResourceGapReported>(Evolve);
  events.Add<event::v1::ResourceGapMitigated>(Evolve);
  events.Add<event::v1::ResourceGapResolved>(Evolve);
}

}  // namespace jalon::domain
