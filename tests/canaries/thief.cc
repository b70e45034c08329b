#include "tests/canaries/thief.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/key_backup.h"
#include "eventstore/vault/embedded/root_key.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "services/client/admin.h"
#include "services/client/vault_admin.h"

namespace jalon::canaries {
namespace {

namespace fs = std::filesystem;
using privacy::v1::DestroyPersonKey;

constexpr std::chrono::seconds kPatience{60};
constexpr size_t kNumberBytes = 4;  // of a value's length in a copy of the key store

Result<void> FromReply(const client::Reply& reply) {
  if (reply.ok) return {};
  return std::unexpected(reply.error);
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The value of the person's row in a copy of the key store (key_backup.h); empty: it has none.
std::string RowOf(const std::string& copy, const Bytes& school_id, const Bytes& person_id) {
  std::string name = "p";
  name += static_cast<char>(school_id.size());
  name += school_id + person_id;
  const size_t found = copy.find(name);
  if (found == std::string::npos) return {};
  size_t at = found + name.size();
  size_t length = 0;
  for (size_t i = kNumberBytes; i-- > 0;) {
    length = length << 8 | static_cast<unsigned char>(copy.at(at + i));
  }
  at += kNumberBytes;
  return copy.substr(at, length);
}

}  // namespace

Result<scenarios::Answer> ThiefWorld::Send(const domain::Principal& who,
                                           const google::protobuf::Message& command,
                                           const type::v1::CommandHeader& header) {
  const bool erases = command.GetDescriptor() == DestroyPersonKey::descriptor();
  if (erases && loot_.key.empty()) {
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
  const std::string copy = eventstore::KeyBackupIn(keys_before);
  loot_ = {.school_id = school_id,
           .person_id = person_id,
           .key = {},
           .row = RowOf(ReadAll(copy), school_id, person_id),
           .epochs = {}};

  // The copy opens with what wraps it, of now. Nothing of that stays with the thief.
  const std::string open = places_.server + ".before/open";
  const std::string epochs = eventstore::EpochsOf(open + "/keys");
  fs::create_directories(open);
  fs::copy(eventstore::EpochsOf(data + "/keys"), epochs);
  fs::copy(data + "/root.key", open + "/root.key");
  for (const auto& file : fs::directory_iterator(epochs)) {
    const bool ours =
        file.path().filename().string().starts_with(eventstore::EpochKeys::NameOf(school_id));
    if (ours) loot_.epochs.push_back(ReadAll(file.path()));
  }
  JALON_ASSIGN_OR_RETURN(const auto root, eventstore::LoadRootKey(open + "/root.key", false));
  JALON_RETURN_IF_ERROR(eventstore::RestoreKeyBackup(
      copy, open + "/keys", eventstore::EpochKeys(epochs), root, SystemClock().Wall()));
  JALON_ASSIGN_OR_RETURN(const auto keys, KeysIn(open, school_id));
  fs::remove_all(open);
  const auto theirs = std::ranges::find(keys, person_id, &RawKey::person);
  if (theirs == keys.end() || loot_.row.empty() || loot_.epochs.empty()) {
    return Fail(Code::kInternal, "INTERNAL", "the thief found no key to take");
  }
  loot_.key = theirs->bytes;
  return {};
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
