#include "tests/canaries/leftovers.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/epoch_keys.h"
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

constexpr size_t kPersonBytes = 8;

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

Result<std::vector<RawKey>> KeysIn(const std::string& folder, const Bytes& school_id) {
  std::vector<RawKey> keys;
  const auto add = [&](std::string what, const eventstore::Secret& key) {
    keys.push_back({.what = std::move(what), .bytes = std::string(key.View())});
  };
  std::vector<eventstore::Secret> wrapping;
  JALON_ASSIGN_OR_RETURN(auto root, eventstore::LoadRootKey(folder + "/root.key", false));
  const eventstore::EpochKeys epochs(eventstore::EpochsOf(folder + "/keys"));
  JALON_ASSIGN_OR_RETURN(const auto all, epochs.All());
  for (const auto& [name, numbers] : all) {
    if (name != eventstore::EpochKeys::NameOf(school_id)) continue;
    for (const uint32_t number : numbers) {
      JALON_ASSIGN_OR_RETURN(auto key, epochs.Read(school_id, number, root));
      if (!key) return Fail(Code::kNotFound, "NOT_FOUND", "an epoch's file is gone");
      add(fmt::format("the key of epoch {}", number), *key);
      wrapping.push_back(std::move(*key));
    }
  }
  add("the root key", root);
  wrapping.push_back(std::move(root));
  JALON_ASSIGN_OR_RETURN(const auto store, eventstore::KeyStore::Open(folder + "/keys"));
  JALON_RETURN_IF_ERROR(store->EachRow("", [&](std::string_view row, std::string_view value) {
    for (const eventstore::Secret& key : wrapping) {
      const auto opened = eventstore::Unwrap(key, row, value);
      if (!opened) continue;
      add(fmt::format("a key in a row {}", row.front()), opened->key.secret);
      const Bytes person(row.substr(row.size() - std::min(row.size(), kPersonBytes)));
      if (row == eventstore::PersonRow(school_id, person)) keys.back().person = person;
    }
    return true;
  }));
  return keys;
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
