// ListGrants: who may do what at the school, those that ended too. States are told for today, here
// and not in the view.
#include <algorithm>

#include "jalon/school/v1/access_service.pb.h"
#include "projections/views/grants.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using projections::GrantFacts;
using projections::GrantsRow;
using projections::PersonId;
using school::v1::GrantState;
using school::v1::ListGrantsRequest;
using school::v1::ListGrantsResponse;

GrantState StateOf(const GrantFacts& grant, domain::LocalDate today) {
  if (!grant.revoked.IsNone()) return school::v1::GRANT_STATE_REVOKED;
  const bool over = grant.expires_on != 0 && grant.expires_on < today;
  return over ? school::v1::GRANT_STATE_EXPIRED : school::v1::GRANT_STATE_ACTIVE;
}

void ShowScope(const GrantFacts& grant, school::v1::AccessScope* scope) {
  scope->set_whole_school(grant.whole_school);
  scope->set_company_id(grant.company_id.Str());
  for (const PersonId& student : grant.student_ids) scope->add_student_ids(student.Str());
  for (const std::string& code : grant.programme_codes) scope->add_programme_codes(code);
  for (const std::string& code : grant.module_codes) scope->add_module_codes(code);
}

void Show(const PersonId& person_id, const GrantFacts& grant, GrantState state,
          school::v1::GrantRow* shown) {
  shown->set_grant_id(grant.grant_id.Str());
  shown->set_person_id(person_id.Str());
  shown->set_role(grant.role);
  ShowScope(grant, shown->mutable_scope());
  shown->set_expires_on(grant.expires_on);
  shown->set_state(state);
  *shown->mutable_granted() = EventOf(grant.granted);
  if (!grant.revoked.IsNone()) *shown->mutable_revoked() = EventOf(grant.revoked);
}

// Who of those that the grant names is erased.
Result<void> Mark(const PersonId& person_id, const GrantFacts& grant, LookUp& look_up,
                  school::v1::GrantRow* shown) {
  JALON_ASSIGN_OR_RETURN(const auto* erased, look_up.Erased(person_id));
  if (erased != nullptr) *shown->mutable_erased() = EventOf(*erased);
  for (const PersonId& student : grant.student_ids) {
    JALON_ASSIGN_OR_RETURN(const auto* gone, look_up.Erased(student));
    if (gone != nullptr) shown->add_erased_student_ids(student.Str());
  }
  return {};
}

Result<void> Answer(const ListGrantsRequest& request, const QueryContext& context,
                    ListGrantsResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, projections::kGrantsVersion));
  const projections::Key prefix = request.person_id().empty()
                                      ? projections::Key()
                                      : projections::GrantsKey(PersonId::Of(request.person_id()));
  const auto& states = request.states();
  LookUp look_up(context);
  Result<void> fault;
  JALON_RETURN_IF_ERROR(context.rows().Each<GrantsRow>(
      projections::kGrants, prefix, page.after(), [&](std::string_view key, const GrantsRow& row) {
        if (!page.Reads(key)) return false;
        for (const GrantFacts& grant : row.grants) {
          const GrantState state = StateOf(grant, context.today);
          if (!states.empty() && std::ranges::find(states, state) == states.end()) continue;
          page.Take();
          const PersonId person_id = projections::PersonOfGrants(key);
          Show(person_id, grant, state, response->add_grants());
          fault = Mark(person_id, grant, look_up, &*response->mutable_grants()->rbegin());
          if (!fault) return false;
        }
        return true;
      }));
  JALON_RETURN_IF_ERROR(fault);
  page.Finish(response->mutable_page());
  response->set_today_on(context.today);
  return {};
}

}  // namespace

void RegisterListGrants(Queries& queries) {
  queries.Add<ListGrantsRequest, ListGrantsResponse>(Answer);
}

}  // namespace jalon::api
