// Tries every key that is left on all that was sealed of one person: what whoever took log, keys
// and root key of a server that has ended could still read.
//
// Usage: thief DATA PERSON
// Exits with 0 if no key opens anything of the person, 1 if one does, 2 if the trying shows
// nothing: there is no such section or no key, or a key does not even open what its own person's
// is.
#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/seal.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/type/v1/sealed.pb.h"
#include "projections/engine/cursor.h"

namespace jalon::faults {
namespace {

using google::protobuf::Message;

constexpr int kNothingOpens = 0;
constexpr int kSomethingOpens = 1;
constexpr int kShowsNothing = 2;
constexpr size_t kKeysPerCall = 1000;

struct Section {
  Bytes tenant;
  type::v1::Sealed sealed;
};

// Everything sealed under `message`.
void Collect(const Message& message, std::string_view tenant, std::vector<Section>* sections) {
  if (message.GetDescriptor() == type::v1::Sealed::descriptor()) {
    sections->push_back({Bytes(tenant), static_cast<const type::v1::Sealed&>(message)});
    return;
  }
  const auto& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->message_type() == nullptr) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      Collect(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                   : reflection.GetMessage(message, field),
              tenant, sections);
    }
  }
}

bool CollectEvent(const projections::EventView& event, std::vector<Section>* sections) {
  const auto* field =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(event.type));
  if (field == nullptr) return false;
  const std::unique_ptr<Message> payload(google::protobuf::MessageFactory::generated_factory()
                                             ->GetPrototype(field->message_type())
                                             ->New());
  if (!payload->ParseFromArray(event.payload.data(), static_cast<int>(event.payload.size()))) {
    return false;
  }
  Collect(*payload, event.tenant, sections);
  return true;
}

Result<std::vector<Section>> SectionsIn(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::RocksLog::OpenReadOnly(folder));
  std::vector<Section> sections;
  for (uint32_t p = 0; p < log->birth().Partitions(); ++p) {
    const Partition partition{p};
    projections::Cursor cursor;
    while (true) {
      JALON_ASSIGN_OR_RETURN(const auto entries, log->ReadFrom(partition, cursor.Next(), {}));
      if (entries.empty()) break;
      for (const auto& entry : entries) {
        JALON_ASSIGN_OR_RETURN(
            const auto frame,
            projections::CountEntry(cursor, partition, entry.offset, *entry.bytes));
        if (frame && !projections::ForEachEvent(*frame, entry.offset, [&](const auto& event) {
              return CollectEvent(event, &sections);
            })) {
          return Fail(Code::kDataLoss, "LOG_CORRUPT", "an unreadable event");
        }
      }
    }
  }
  return sections;
}

struct Key {
  eventstore::PersonName of;
  eventstore::PersonKeyPtr key;
};

Result<std::vector<Key>> KeysIn(const std::string& data) {
  const SystemClock clock;
  JALON_ASSIGN_OR_RETURN(
      const auto vault,
      eventstore::OpenEmbeddedVault({.folder = data + "/keys", .root_key_path = data + "/root.key"},
                                    clock));
  std::vector<Key> keys;
  std::optional<eventstore::PersonName> after;
  while (true) {
    JALON_ASSIGN_OR_RETURN(const auto names,
                           vault->OldKeys(Micros(INT64_MAX), after, kKeysPerCall));
    if (names.empty()) return keys;
    for (const eventstore::PersonName& name : names) {
      JALON_ASSIGN_OR_RETURN(const auto found, vault->FindPersonKey(name.tenant, name.person));
      if (found.key == nullptr) return Fail(Code::kDataLoss, "KEYS_CORRUPT", "a key is not there");
      keys.push_back({name, found.key});
    }
    after = names.back();
  }
}

// Under the name of the key that the section asks for: it is the secret that is tried.
bool Opens(const Section& section, const eventstore::PersonKey& key) {
  const type::v1::Sealed& sealed = section.sealed;
  const eventstore::PersonKey tried{.id = sealed.key_id(), .secret = key.secret.Clone()};
  return eventstore::Open(tried,
                          {.tenant = section.tenant,
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

struct Tried {
  size_t keys = 0;
  size_t sections = 0;  // of the person
  size_t opened = 0;    // of them
  size_t others = 0;    // sections of those whose keys these are
  size_t others_opened = 0;
};

Result<Tried> Try(const std::string& data, const std::string& person) {
  JALON_ASSIGN_OR_RETURN(const auto sections, SectionsIn(data + "/log"));
  JALON_ASSIGN_OR_RETURN(const auto keys, KeysIn(data));
  Tried tried{.keys = keys.size()};
  for (const Section& section : sections) {
    const bool is_theirs = ToHex(section.sealed.subject()) == person;
    tried.sections += is_theirs;
    bool opened = false;
    for (const Key& key : keys) {
      const bool is_own =
          key.of.tenant == section.tenant && key.of.person == section.sealed.subject();
      if (!is_theirs && !is_own) continue;
      const bool opens = Opens(section, *key.key);
      opened |= opens;
      if (is_theirs) continue;
      ++tried.others;
      tried.others_opened += opens;
    }
    tried.opened += is_theirs && opened;
  }
  return tried;
}

int Main(const std::string& data, const std::string& person) {
  const Result<Tried> tried = Try(data, person);
  if (!tried) {
    fmt::print(stderr, "thief: {}\n", tried.error().message);
    return kShowsNothing;
  }
  fmt::print(
      "{} keys are left: they open {} of {} sections of their own persons, and {} of {} of {}\n",
      tried->keys, tried->others_opened, tried->others, tried->opened, tried->sections, person);
  if (tried->sections == 0 || tried->others == 0 || tried->others_opened != tried->others) {
    return kShowsNothing;
  }
  return tried->opened == 0 ? kNothingOpens : kSomethingOpens;
}

}  // namespace
}  // namespace jalon::faults

int main(int count, char** words) {
  if (count == 3) return jalon::faults::Main(words[1], words[2]);
  fmt::print(stderr, "usage: thief DATA PERSON\n");
  return 2;
}
