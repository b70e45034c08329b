// GetErasure: the hold that stands on a person, the request of one coordinator, the erasure that
// another one confirmed, and what became of the key since.
#include <optional>

#include "jalon/privacy/v1/erasure_service.pb.h"
#include "projections/views/erasure_row.h"
#include "projections/views/erasures.h"
#include "projections/views/grants.h"
#include "projections/views/student_progress.h"
#include "projections/views/student_row.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using eventstore::KeyFound;
using privacy::v1::GetErasureRequest;
using privacy::v1::GetErasureResponse;
using privacy::v1::PersonKeyState;
using projections::ErasureRow;
using projections::PersonId;

// A student, or whoever was granted something.
Result<bool> IsKnown(const QueryContext& context, const PersonId& person_id) {
  JALON_ASSIGN_OR_RETURN(const auto student,
                         context.rows().Find<projections::StudentRow>(
                             projections::kStudentProgress, projections::StudentKey(person_id)));
  if (student) return true;
  JALON_ASSIGN_OR_RETURN(const auto grants,
                         context.rows().Find<projections::GrantsRow>(
                             projections::kGrants, projections::GrantsKey(person_id)));
  return grants.has_value();
}

PersonKeyState StateOfKey(const QueryContext& context, const PersonId& person_id) {
  const auto state = context.opener.KeyStateOf(context.school_id, person_id.View());
  if (!state) return privacy::v1::PERSON_KEY_STATE_UNSPECIFIED;
  switch (*state) {
    case KeyFound::State::kFound:
      return privacy::v1::PERSON_KEY_STATE_KEPT;
    case KeyFound::State::kDestroyed:
      return privacy::v1::PERSON_KEY_STATE_DESTROYED;
    case KeyFound::State::kUnknown:
      break;
  }
  return privacy::v1::PERSON_KEY_STATE_NONE;
}

void Show(const ErasureRow& row, GetErasureResponse* response) {
  if (!row.placed.IsNone()) {
    *response->mutable_hold()->mutable_placed() = EventOf(row.placed);
    ShowActor(row.hold_actor, response->mutable_hold()->mutable_actor());
    response->mutable_hold()->set_basis(row.basis);
    response->mutable_hold()->set_document_ref(row.document_ref);
  }
  if (!row.requested.IsNone()) {
    *response->mutable_request()->mutable_requested() = EventOf(row.requested);
    ShowActor(row.request_actor, response->mutable_request()->mutable_actor());
    response->mutable_request()->set_expires_on(row.request_expires_on);
  }
  if (!row.erased.IsNone()) {
    *response->mutable_erased() = EventOf(row.erased);
    ShowActor(row.erasure_actor, response->mutable_erased_by());
    response->set_kept_until_on(row.kept_until_on);
  }
}

Result<void> Answer(const GetErasureRequest& request, const QueryContext& context,
                    GetErasureResponse* response) {
  const PersonId person_id = PersonId::Of(request.person_id());
  JALON_ASSIGN_OR_RETURN(const bool known, IsKnown(context, person_id));
  if (!known) return NotFound();
  response->set_person_id(person_id.Str());
  JALON_ASSIGN_OR_RETURN(
      const std::optional<ErasureRow> row,
      context.rows().Find<ErasureRow>(projections::kErasures, projections::ErasureKey(person_id)));
  if (row) Show(*row, response);
  response->set_key(StateOfKey(context, person_id));
  return {};
}

}  // namespace

void RegisterGetErasure(Queries& queries) {
  queries.Add<GetErasureRequest, GetErasureResponse>(Answer);
}

}  // namespace jalon::api
