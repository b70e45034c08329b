#include "tests/canaries/leftovers.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/epoch_keys.h"
#include "eventstore/vault/embedded/key_backup.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/embedded/root_key.h"
#include "eventstore/vault/embedded/wrap.h"
#include "eventstore/vault/seal.h"
#include "jalon/event/v1/event_body.pb.h"
#include "projections/engine/cursor.h"

namespace jalon::canaries {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

namespace fs = std::filesystem;

constexpr size_t kPersonBytes = 8;
constexpr size_t kRandomBytes = 24 + 48;  // at the end of a wrapped key: nonce and box (wrap.h)

std::string RootKeyIn(const std::string& folder) { return folder + "/root.key"; }
std::string KeysOf(const std::string& folder) { return folder + "/keys"; }

bool IsSealed(const FieldDescriptor& field) {
  return field.message_type() == type::v1::Sealed::descriptor();
}

void AddKinds(const Descriptor& type, const std::string& path, std::set<std::string>* kinds) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.message_type() == nullptr) continue;
    const std::string name = path + "." + field.name();
    if (IsSealed(field)) {
      kinds->insert(name);
    } else {
      AddKinds(*field.message_type(), name, kinds);
    }
  }
}

template <typename Each>
void ForEachSection(const Message& message, const std::string& path, const Each& each) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr) continue;
    const std::string name = path + "." + field->name();
    const int items = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < items; ++i) {
      const Message& inner = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                  : reflection.GetMessage(message, field);
      if (IsSealed(*field)) {
        each(name, static_cast<const type::v1::Sealed&>(inner));
      } else {
        ForEachSection(inner, name, each);
      }
    }
  }
}

// None: this program does not know the event.
std::unique_ptr<Message> ReadEvent(const projections::EventView& event) {
  const auto* body =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(event.type));
  if (body == nullptr) return nullptr;
  std::unique_ptr<Message> content(
      MessageFactory::generated_factory()->GetPrototype(body->message_type())->New());
  const bool whole =
      content->ParseFromArray(event.payload.data(), static_cast<int>(event.payload.size()));
  return whole ? std::move(content) : nullptr;
}

bool HasKeys(const std::string& folder) {
  return fs::exists(RootKeyIn(folder)) || fs::exists(KeysOf(folder)) ||
         fs::exists(eventstore::EpochsOf(KeysOf(folder))) ||
         fs::exists(eventstore::KeyBackupIn(folder));
}

// Opens what it is given with every key that it has already.
class Keys {
 public:
  explicit Keys(const Bytes& school_id) : school_id_(school_id) {}

  Result<void> TakeRoot(const std::string& folder) {
    const std::string path = RootKeyIn(folder);
    if (!fs::exists(path)) return {};
    JALON_ASSIGN_OR_RETURN(auto root, eventstore::LoadRootKey(path, false));
    Add({.what = "the root key", .bytes = std::string(root.View())});
    wrapping_.push_back(std::move(root));
    return {};
  }

  Result<void> TakeEpochs(const std::string& folder) {
    const eventstore::EpochKeys epochs(eventstore::EpochsOf(KeysOf(folder)));
    JALON_ASSIGN_OR_RETURN(const auto files, epochs.All());
    const auto ours = files.find(eventstore::EpochKeys::NameOf(school_id_));
    if (ours == files.end()) return {};
    for (const uint32_t number : ours->second) {
      JALON_ASSIGN_OR_RETURN(const auto file,
                             epochs.ReadFile(fmt::format("{}.{}", ours->first, number)));
      if (!file) return Fail(Code::kNotFound, "NOT_FOUND", "an epoch's file is gone");
      const std::string place = eventstore::EpochKeys::PlaceOf(school_id_, number);
      std::optional<RawKey> key = Open(place, *file);
      if (!key) continue;
      wrapping_.push_back(eventstore::Secret::From(key->bytes));
      key->what = fmt::format("the key of epoch {}", number);
      key->is_epoch = true;
      Add(std::move(*key));
    }
    return {};
  }

  Result<void> TakeRows(const std::string& folder) {
    const auto take = [&](std::string_view row, std::string_view value) {
      std::optional<RawKey> key = Open(row, value);
      if (!key) return true;
      key->what = fmt::format("a key in a row {}", row.front());
      const Bytes person(row.substr(row.size() - std::min(row.size(), kPersonBytes)));
      if (row == eventstore::PersonRow(school_id_, person)) key->person = person;
      Add(std::move(*key));
      return true;
    };
    const std::string copy = eventstore::KeyBackupIn(folder);
    if (fs::exists(copy)) {
      JALON_RETURN_IF_ERROR(
          eventstore::ReadKeyBackup(copy, [&](const std::string& row, const std::string& value) {
            take(row, value);
            return Result<void>();
          }));
    }
    if (!fs::exists(KeysOf(folder))) return {};
    JALON_ASSIGN_OR_RETURN(const auto store, eventstore::KeyStore::Open(KeysOf(folder)));
    return store->EachRow("", take);
  }

  std::vector<RawKey> All() && { return std::move(all_); }

 private:
  std::optional<RawKey> Open(std::string_view place, std::string_view value) const {
    for (const eventstore::Secret& key : wrapping_) {
      const auto opened = eventstore::Unwrap(key, place, value);
      if (!opened) continue;
      return RawKey{.bytes = std::string(opened->key.secret.View()),
                    .wrapped = std::string(value.substr(value.size() - kRandomBytes))};
    }
    return std::nullopt;
  }
  // Once, however many folders have it.
  void Add(RawKey key) {
    if (known_.insert(key.bytes + key.wrapped).second) all_.push_back(std::move(key));
  }

  const Bytes& school_id_;
  std::vector<eventstore::Secret> wrapping_;
  std::vector<RawKey> all_;
  std::set<std::string> known_;
};

}  // namespace

std::set<std::string> AllKinds() {
  std::set<std::string> kinds;
  const Descriptor& bodies = *event::v1::EventBody::descriptor();
  for (int i = 0; i < bodies.field_count(); ++i) {
    const Descriptor* type = bodies.field(i)->message_type();
    if (type != nullptr) AddKinds(*type, type->name(), &kinds);
  }
  return kinds;
}

Result<std::map<Bytes, std::vector<Section>>> SectionsIn(const std::string& log_folder,
                                                         const Bytes& school_id) {
  std::map<Bytes, std::vector<Section>> sections;
  bool known = true;
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::RocksLog::OpenReadOnly(log_folder));
  for (uint32_t p = 0; p < log->birth().partition_count; ++p) {
    projections::Cursor cursor;
    while (true) {
      JALON_ASSIGN_OR_RETURN(const auto entries, log->ReadFrom(Partition{p}, cursor.Next(), {}));
      if (entries.empty()) break;
      for (const auto& entry : entries) {
        JALON_ASSIGN_OR_RETURN(
            const auto frame,
            projections::CountEntry(cursor, Partition{p}, entry.offset, *entry.bytes));
        if (!frame || frame->kind != eventstore::EntryFrame::Kind::kRecord) continue;
        projections::ForEachEvent(*frame, entry.offset, [&](const projections::EventView& event) {
          if (event.tenant != school_id) return true;
          const std::unique_ptr<Message> content = ReadEvent(event);
          known = known && content != nullptr;
          if (content == nullptr) return false;
          ForEachSection(*content, content->GetDescriptor()->name(),
                         [&](const std::string& kind, const type::v1::Sealed& sealed) {
                           sections[sealed.subject()].push_back({kind, sealed});
                         });
          return true;
        });
      }
    }
  }
  if (known) return sections;
  return Fail(Code::kDataLoss, "LOG_CORRUPT", log_folder + " holds an event that cannot be read");
}

Result<std::vector<RawKey>> KeysIn(std::span<const std::string> folders, const Bytes& school_id) {
  Keys keys(school_id);
  for (const std::string& folder : folders) {
    if (!HasKeys(folder)) return Fail(Code::kNotFound, "NOT_FOUND", folder + " has no keys");
  }
  for (const std::string& folder : folders) JALON_RETURN_IF_ERROR(keys.TakeRoot(folder));
  for (const std::string& folder : folders) JALON_RETURN_IF_ERROR(keys.TakeEpochs(folder));
  for (const std::string& folder : folders) JALON_RETURN_IF_ERROR(keys.TakeRows(folder));
  return std::move(keys).All();
}

std::vector<Wanted> WantedOf(std::span<const RawKey> keys) {
  std::vector<Wanted> wanted;
  for (const RawKey& key : keys) {
    wanted.push_back(KeyWanted(key.what, key.bytes));
    if (!key.wrapped.empty()) wanted.push_back(KeyWanted(key.what + ", wrapped", key.wrapped));
  }
  return wanted;
}

bool Opens(const Section& section, const Bytes& school_id, std::string_view key) {
  const type::v1::Sealed& sealed = section.sealed;
  return eventstore::Open({sealed.key_id(), eventstore::Secret::From(key)},
                          {.tenant = school_id,
                           .request_id = sealed.request_id(),
                           .path = sealed.path(),
                           .row = sealed.row(),
                           .subject = sealed.subject()},
                          {.key_id = sealed.key_id(),
                           .nonce = sealed.nonce(),
                           .ciphertext = sealed.ciphertext(),
                           .commitment = sealed.commitment()})
      .has_value();
}

}  // namespace jalon::canaries
