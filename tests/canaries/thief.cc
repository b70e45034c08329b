#include "tests/canaries/thief.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

#include "eventstore/vault/embedded/embedded_vault.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "services/client/admin.h"
#include "services/client/vault_admin.h"

namespace jalon::canaries {
namespace {

namespace fs = std::filesystem;
using privacy::v1::DestroyPersonKey;

constexpr std::chrono::seconds kPatience{60};

Result<void> FromReply(const client::Reply& reply) {
  if (reply.ok) return {};
  return std::unexpected(reply.error);
}

}  // namespace

Result<scenarios::Answer> ThiefWorld::Send(const domain::Principal& who,
                                           const google::protobuf::Message& command,
                                           const type::v1::CommandHeader& header) {
  const bool erases = command.GetDescriptor() == DestroyPersonKey::descriptor();
  if (erases && loot_.key.bytes.empty()) {
    JALON_RETURN_IF_ERROR(
        Steal(who.school_id, static_cast<const DestroyPersonKey&>(command).person_id()));
  }
  JALON_ASSIGN_OR_RETURN(scenarios::Answer answer, inner_->Send(who, command, header));
  if (erases && answer.accepted) JALON_RETURN_IF_ERROR(AwaitComplete(who));
  return answer;
}

Result<void> ThiefWorld::Steal(const Bytes& school_id, const Bytes& person_id) {
  const std::string data = places_.data();
  const std::string log_before = fs::absolute(places_.log_before());
  const std::string keys_before = fs::absolute(places_.keys_before());
  fs::create_directories(keys_before);
  JALON_RETURN_IF_ERROR(FromReply(client::Admin(data, {}).BackupLog(
      log_before, [](const admin::v1::BackupLogResponse&) { return true; })));
  admin::v1::BackUpKeysRequest request;
  request.set_target_path(keys_before);
  admin::v1::BackUpKeysResponse response;
  JALON_RETURN_IF_ERROR(FromReply(client::VaultAdmin(data, {}).BackUpKeys(request, &response)));

  // The copy opens with what wraps it, of now. Nothing of that stays with the thief.
  const std::string open = places_.server + ".before/open";
  fs::create_directories(open);
  fs::copy(eventstore::EpochsOf(data + "/keys"), eventstore::EpochsOf(open + "/keys"));
  fs::copy(data + "/root.key", open + "/root.key");
  JALON_ASSIGN_OR_RETURN(const auto keys,
                         KeysIn(std::array<std::string, 2>{open, keys_before}, school_id));
  fs::remove_all(open);
  loot_ = {.school_id = school_id, .person_id = person_id, .key = {}, .epochs = {}};
  for (const RawKey& key : keys) {
    if (key.person == person_id) loot_.key = key;
    if (key.is_epoch) loot_.epochs.push_back(key);
  }
  if (!loot_.key.bytes.empty() && !loot_.epochs.empty()) return {};
  return Fail(Code::kInternal, "INTERNAL", "the thief found no key to take");
}

Result<void> ThiefWorld::AwaitComplete(const domain::Principal& who) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < give_up) {
    privacy::v1::GetErasureRequest request;
    request.set_person_id(loot_.person_id);
    privacy::v1::GetErasureResponse response;
    JALON_ASSIGN_OR_RETURN(const auto asked, inner_->Query(who, request, &response));
    if (asked.accepted && response.complete()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return Fail(Code::kInternal, "INTERNAL", "the erasure is not complete");
}

}  // namespace jalon::canaries
