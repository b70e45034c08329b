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

using eventstore::KeyErasure;
using eventstore::KeyFound;
using privacy::v1::GetErasureRequest;
using privacy::v1::GetErasureResponse;
using privacy::v1::KeyBackupState;
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

PersonKeyState StateOf(KeyFound::State state) {
  switch (state) {
    case KeyFound::State::kFound:
      return privacy::v1::PERSON_KEY_STATE_KEPT;
    case KeyFound::State::kDestroyed:
      return privacy::v1::PERSON_KEY_STATE_DESTROYED;
    case KeyFound::State::kUnknown:
      break;
  }
  return privacy::v1::PERSON_KEY_STATE_NONE;
}

KeyBackupState StateOf(KeyErasure::Backup backup) {
  switch (backup) {
    case KeyErasure::Backup::kPending:
      return privacy::v1::KEY_BACKUP_STATE_PENDING;
    case KeyErasure::Backup::kVerified:
      return privacy::v1::KEY_BACKUP_STATE_VERIFIED;
    case KeyErasure::Backup::kNotConfigured:
      break;
  }
  return privacy::v1::KEY_BACKUP_STATE_NONE_CONFIGURED;
}

// Nothing where keys cannot be reached.
void ShowKey(const QueryContext& context, const PersonId& person_id, GetErasureResponse* response) {
  const auto erasure = context.opener.ErasureOf(context.school_id, person_id.View());
  if (!erasure) return;
  response->set_key(StateOf(erasure->key));
  response->set_backed_up_at(erasure->backed_up_at.count());
  // As long as the event does not count, a key that is gone is no erasure.
  if (!response->has_erased() || erasure->key != KeyFound::State::kDestroyed) return;
  response->set_backup(StateOf(erasure->backup));
  response->set_complete(erasure->Complete());
  response->mutable_unconfirmed_nodes()->Assign(erasure->unconfirmed.begin(),
                                                erasure->unconfirmed.end());
  response->set_dropped_by(erasure->dropped_by.count());
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
  ShowKey(context, person_id, response);
  return {};
}

}  // namespace

void RegisterGetErasure(Queries& queries) {
  queries.Add<GetErasureRequest, GetErasureResponse>(Answer);
}

}  // namespace jalon::api
