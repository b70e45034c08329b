#include "services/api/queries/opener.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "eventstore/vault/seal.h"
#include "jalon/type/v1/sealed.pb.h"

namespace jalon::api {
namespace {

using eventstore::KeyFound;
using Keys = std::map<Bytes, KeyFound>;  // by person

std::unexpected<Error> NotWhatWasSealed() {
  return Fail(Code::kDataLoss, std::string(kUnreadableSection),
              "a sealed section does not open with its person's key; verify the log and the vault");
}

Result<Keys> FindKeys(eventstore::Vault& vault, std::string_view school_id,
                      const std::vector<type::v1::Sealed>& sections) {
  Keys keys;
  for (const type::v1::Sealed& section : sections) keys.try_emplace(section.subject());
  std::vector<Bytes> persons;
  persons.reserve(keys.size());
  for (const auto& [person, key] : keys) persons.push_back(person);
  for (std::span<const Bytes> rest = persons; !rest.empty();) {
    const auto asked = rest.first(std::min(rest.size(), eventstore::kPersonsPerCallMax));
    JALON_ASSIGN_OR_RETURN(std::vector<KeyFound> found, vault.FindPersonKeys(school_id, asked));
    for (size_t i = 0; i < asked.size(); ++i) keys[asked[i]] = std::move(found[i]);
    rest = rest.subspan(asked.size());
  }
  return keys;
}

std::optional<std::string> OpenOne(std::string_view school_id, const type::v1::Sealed& section,
                                   const eventstore::PersonKey& key) {
  const eventstore::SealPlace place{.tenant = school_id,
                                    .request_id = section.request_id(),
                                    .path = section.path(),
                                    .row = section.row(),
                                    .subject = section.subject()};
  return eventstore::Open(key, place,
                          {.key_id = section.key_id(),
                           .nonce = section.nonce(),
                           .ciphertext = section.ciphertext(),
                           .commitment = section.commitment()});
}

}  // namespace

void Sections::AddAny(std::string sealed, const google::protobuf::Message& clear, ShowAny show) {
  if (sealed.empty()) return;
  entries_.push_back(
      {std::move(sealed), [&clear, show = std::move(show)](const std::string& bytes) {
         const std::unique_ptr<google::protobuf::Message> opened(clear.New());
         if (!opened->ParseFromString(bytes)) return false;
         show(*opened);
         return true;
       }});
}

Result<void> Opener::OpenAll(std::string_view school_id, const Sections& sections) const {
  std::vector<type::v1::Sealed> boxes(sections.entries_.size());
  for (size_t i = 0; i < boxes.size(); ++i) {
    if (!boxes[i].ParseFromString(sections.entries_[i].sealed)) return NotWhatWasSealed();
  }
  JALON_ASSIGN_OR_RETURN(const Keys keys, FindKeys(vault_, school_id, boxes));
  for (size_t i = 0; i < boxes.size(); ++i) {
    const KeyFound& found = keys.at(boxes[i].subject());
    // A destroyed key leaves nothing to read. Nor does an unknown one: a section is appended after
    // its key is durable, so the key was there and is gone.
    if (found.state != KeyFound::State::kFound) continue;
    if (opened_ != nullptr) opened_->insert(boxes[i].subject());
    const std::optional<std::string> bytes = OpenOne(school_id, boxes[i], *found.key);
    if (!bytes || !sections.entries_[i].show(*bytes)) return NotWhatWasSealed();
  }
  return {};
}

Result<eventstore::KeyErasure> Opener::ErasureOf(std::string_view school_id,
                                                 std::string_view person_id) const {
  return vault_.ErasureOf(school_id, person_id);
}

}  // namespace jalon::api
