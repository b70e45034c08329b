// CompanyService: what a company offers (R10).
#include <algorithm>

#include "eventstore/base/hash.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/event/v1/company_events.pb.h"
#include "services/domain/checks.h"
#include "services/domain/registry.h"
#include "services/domain/site_key.h"

namespace jalon::domain {
namespace {

using company::v1::DeclareHostingCapacity;
using company::v1::RegisterHostCompany;

bool IsDigits(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return '0' <= c && c <= '9'; });
}

Decision Decide(const RegisterHostCompany& command, const Context& context, State& state) {
  Refusals refusals;
  refusals.Unless(IsDigits(command.neq()), Reason::FIELD_INVALID, "command.neq");
  CheckVersion(context, 0, {}, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::HostCompanyRegistered registered;
  registered.set_name(command.name());
  registered.set_site(command.site());
  registered.set_neq(command.neq());
  const Aggregate company{type::v1::AGGREGATE_KIND_HOST_COMPANY, context.NewId("company")};
  EventList events(context, state);
  events.Add(company, registered);
  events.Created(company.kind, company.id, command.name());
  if (!command.neq().empty()) {
    const auto* twin = state.Find<SiteState>(SiteKey(command.neq(), command.site()));
    if (twin != nullptr) {
      events.Warn(Reason::POSSIBLE_DUPLICATE, ToHex(twin->company_id), {twin->fact});
    }
  }
  return events;
}

// A signatory speaks for one company, and need not name it.
const Bytes& CompanyOf(const Bytes& named, const Context& context) {
  return named.empty() ? context.principal().company_id : named;
}

// R10: seats, reach and interest are the company's to say; the school may key them in.
Decision Decide(const DeclareHostingCapacity& command, const Context& context, State& state) {
  const Bytes& company_id = CompanyOf(command.company_id(), context);
  if (company_id.empty()) return Refuse(Reason::FIELD_REQUIRED, "command.company_id");
  const CompanyState* company = state.Company(company_id);
  if (company == nullptr || !MaySpeakOf(context, company_id)) {
    return Refuse(Reason::NOT_FOUND, ToHex(company_id));
  }
  Refusals refusals;
  refusals.If(command.from_on() > command.until_on(), Reason::DATES_INVERTED);
  CheckOnBehalfOfCompany(context, state, company_id, context.today(), /*required=*/false, refusals);
  CheckVersion(context, company->version, {}, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::HostingCapacityDeclared declared;
  declared.set_from_on(command.from_on());
  declared.set_until_on(command.until_on());
  declared.set_seats(command.seats());
  *declared.mutable_reach() = command.reach();
  declared.set_interested(command.interested());
  EventList events(context, state);
  events.Add({type::v1::AGGREGATE_KIND_HOST_COMPANY, company_id, company->version}, declared);
  return events;
}

}  // namespace

void RegisterCompanyCommands(Commands& commands) {
  commands.Add<RegisterHostCompany>(Decide);
  commands.Add<DeclareHostingCapacity>(Decide,
                                       {.keyed_in_for = CommandTraits::KeyedInFor::kCompany});
}

}  // namespace jalon::domain
