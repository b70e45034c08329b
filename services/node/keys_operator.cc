#include "services/node/keys_operator.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "services/node/json_log.h"
#include "services/node/vault_link.h"

namespace jalon::node {
namespace {

using eventstore::Standing;

constexpr size_t kSchoolIdBytes = 16;

std::unexpected<Error> NoPair() {
  return Fail(Code::kFailedPrecondition, "VAULT_HAS_NO_STANDBY",
              "this process has no standby: start it with --standby to give it one");
}

std::unexpected<Error> NoStandby() {
  return Fail(Code::kFailedPrecondition, "VAULT_HAS_NO_STANDBY",
              "this process is no standby, and serves already: promote the standby, on its own "
              "data folder");
}

admin::v1::VaultRole RoleOf(const Standing* standing) {
  if (standing == nullptr) return admin::v1::VAULT_ROLE_SERVING;
  switch (standing->role()) {
    case Standing::Role::kStandby:
      return admin::v1::VAULT_ROLE_STANDBY;
    case Standing::Role::kFenced:
      return admin::v1::VAULT_ROLE_FENCED;
    case Standing::Role::kServing:
      break;
  }
  return admin::v1::VAULT_ROLE_SERVING;
}

admin::v1::StandbyState StandbyOf(const KeysOperator::Parts& parts) {
  if (parts.standing != nullptr && parts.standing->standby() == Standing::Standby::kDetached) {
    return admin::v1::STANDBY_STATE_DETACHED;
  }
  if (parts.link == nullptr) return admin::v1::STANDBY_STATE_NONE;
  return parts.link->InStep() ? admin::v1::STANDBY_STATE_IN_STEP : admin::v1::STANDBY_STATE_GONE;
}

}  // namespace

Result<eventstore::LocalVault*> KeysOperator::Vault() const {
  if (parts_.vault != nullptr) return parts_.vault;
  return Fail(Code::kFailedPrecondition, "KEYS_ELSEWHERE",
              "the keys of this node are in another process (--vault): give --data that one's "
              "folder, on its machine");
}

Result<eventstore::LocalVault*> KeysOperator::ServingVault() const {
  if (parts_.standing != nullptr) JALON_RETURN_IF_ERROR(parts_.standing->MayServe());
  return Vault();
}

Result<admin::v1::GetVaultStatusResponse> KeysOperator::GetVaultStatus() {
  JALON_ASSIGN_OR_RETURN(eventstore::LocalVault * vault, Vault());
  admin::v1::GetVaultStatusResponse response;
  response.set_role(RoleOf(parts_.standing));
  response.set_term(parts_.standing == nullptr ? 1 : parts_.standing->term());
  response.set_standby(StandbyOf(parts_));
  if (parts_.link != nullptr) response.set_standby_trouble(parts_.link->Trouble());
  response.set_behind(parts_.standing != nullptr && parts_.standing->behind());
  const eventstore::KeyMark mark = vault->Mark();
  response.set_life(mark.life);
  response.set_writes(mark.writes);
  response.set_key_backup(parts_.key_backup);
  JALON_ASSIGN_OR_RETURN(const Micros backed_up_at, vault->BackedUpAt());
  response.set_backed_up_at(backed_up_at.count());
  return response;
}

Result<admin::v1::BackUpKeysResponse> KeysOperator::BackUpKeys(
    const admin::v1::BackUpKeysRequest& request) {
  JALON_ASSIGN_OR_RETURN(eventstore::LocalVault * vault, ServingVault());
  if (!std::filesystem::path(request.target_path()).is_absolute()) {
    return Fail(Code::kInvalidArgument, "FIELD_INVALID",
                "the target is a folder of the server's machine: give an absolute path");
  }
  JALON_ASSIGN_OR_RETURN(const auto made, vault->BackUp(request.target_path()));
  Log(Level::kInfo, "the keys are copied, and each one opened",
      {{"to", made.path}, {"keys", made.keys}});
  admin::v1::BackUpKeysResponse response;
  response.set_path(made.path);
  response.set_keys(made.keys);
  response.set_bytes(made.bytes);
  return response;
}

Result<admin::v1::RotateSchoolKeyResponse> KeysOperator::RotateSchoolKey(
    const admin::v1::RotateSchoolKeyRequest& request) {
  JALON_ASSIGN_OR_RETURN(eventstore::LocalVault * vault, ServingVault());
  if (request.school_id().size() != kSchoolIdBytes) {
    return Fail(Code::kInvalidArgument, "FIELD_INVALID", "a school's id has 16 bytes");
  }
  JALON_ASSIGN_OR_RETURN(const uint32_t epoch, vault->RotateTenant(request.school_id()));
  Log(Level::kInfo, "a school's keys are wrapped anew", {{"epoch", uint64_t{epoch}}});
  admin::v1::RotateSchoolKeyResponse response;
  response.set_epoch(epoch);
  return response;
}

Result<void> KeysOperator::DetachStandby() {
  if (parts_.link == nullptr) return NoPair();
  JALON_RETURN_IF_ERROR(parts_.link->Detach());
  Log(Level::kWarning, "the standby is detached: keys are made and destroyed here alone");
  return {};
}

Result<void> KeysOperator::ReattachStandby() {
  if (parts_.link == nullptr) return NoPair();
  return parts_.link->Reattach();
}

Result<admin::v1::PromoteVaultResponse> KeysOperator::PromoteVault(
    const admin::v1::PromoteVaultRequest& request) {
  if (parts_.standby == nullptr) return NoStandby();
  std::optional<uint64_t> forced;
  if (request.although_behind() > 0) forced = request.although_behind();
  JALON_RETURN_IF_ERROR(parts_.standby->Promote(forced));
  if (const Result<void> settled = parts_.vault->Settle(); !settled) TellLeft(settled.error());
  admin::v1::PromoteVaultResponse response;
  response.set_term(parts_.standing->term());
  response.set_writes(parts_.vault->Mark().writes);
  return response;
}

}  // namespace jalon::node
