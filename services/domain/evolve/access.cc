// Events of grants: what a person may do, and who an external id names.
#include "jalon/event/v1/school_events.pb.h"
#include "services/domain/evolve/external_id.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

void Evolve(const event::v1::AccessGranted& granted, const Event& event, Rows& rows) {
  const auto& scope = granted.scope();
  rows.Person(granted.person_id())
      .grants.push_back(
          {.grant_id = Bytes(event.aggregate()),
           .version = event.version(),
           .role = granted.role(),
           .company_id = scope.company_id(),
           .student_ids = {scope.student_ids().begin(), scope.student_ids().end()},
           .programme_codes = {scope.programme_codes().begin(), scope.programme_codes().end()},
           .module_codes = {scope.module_codes().begin(), scope.module_codes().end()},
           .whole_school = scope.whole_school(),
           .expires_on = granted.expires_on(),
           .fact = event.Ref(),
           .revoked = {}});
  if (granted.has_identity()) rows.Person(granted.person_id()).identity = event.Ref();
  std::vector<Bytes> lookup_macs = LearnExternalId(granted, granted.person_id(), event, rows);
  Remember(std::move(lookup_macs), &rows.Person(granted.person_id()).lookup_macs);
}

void Evolve(const event::v1::AccessRevoked& revoked, const Event& event, Rows& rows) {
  for (Grant& grant : rows.Person(revoked.person_id()).grants) {
    if (grant.grant_id != event.aggregate()) continue;
    grant.version = event.version();
    grant.revoked = event.Ref();
  }
}

}  // namespace

void RegisterAccessEvents(Events& events) {
  events.Add<event::v1::AccessGranted>(Evolve);
  events.Add<event::v1::AccessRevoked>(Evolve);
}

}  // namespace jalon::domain
