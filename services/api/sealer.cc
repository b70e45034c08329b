#include "services/api/sealer.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"
#include "eventstore/vault/seal.h"
#include "jalon/type/v1/sealed.pb.h"
#include "services/api/deterministic.h"
#include "services/domain/reason.h"

namespace jalon::api {
namespace {

using domain::Reason;
using domain::Refusals;
using eventstore::KeyFound;
using eventstore::PersonKey;
using eventstore::Secret;
using google::protobuf::Message;

constexpr size_t kPersonIdBytes = 8;
constexpr size_t kKeyIdBytes = 8;

// One command on its way through the vault.
struct Job {
  SealScope scope;
  std::vector<Section> sections;
  std::vector<Bytes> persons;                  // whose key seals each section
  std::vector<eventstore::PersonKeyPtr> keys;  // of each section
  Sealer::Done done;
};

// The person that the subject field names: it holds a person's id, or a stay's, which begins with
// the student's. None: a new person.
Bytes PersonOf(const Section& section) {
  if (!section.subject.empty()) return Bytes(section.subject.substr(0, kPersonIdBytes));
  return RandomBytes(kPersonIdBytes);
}

// As people write an external id: without spaces around it, capitals or not.
std::string Normalised(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::string normalised(text);
  for (char& c : normalised) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return normalised;
}

// `keys`: of this school year, then of others.
void AddLookups(const Section& section, const Message& clear, std::string_view bytes,
                const std::vector<Secret>& keys, type::v1::Sealed* sealed) {
  const auto* field = clear.GetDescriptor()->FindFieldByName(section.plan->option.lookup());
  if (field == nullptr) return;
  std::string scratch;
  const std::string& value = clear.GetReflection()->GetStringReference(clear, field, &scratch);
  if (value.empty()) return;
  const std::string normalised = Normalised(value);
  for (const Secret& key : keys) {
    const std::string lookup(View(Mac(key.View(), {"jalon.lookup.v1", normalised})));
    const std::string content(View(Mac(key.View(), {"jalon.content.v1", bytes})));
    if (sealed->lookup_mac().empty()) {
      sealed->set_lookup_mac(lookup);
      sealed->set_content_mac(content);
      continue;
    }
    type::v1::LookupMacs& other = *sealed->add_other_years();
    other.set_lookup_mac(lookup);
    other.set_content_mac(content);
  }
}

void SealSection(const SealScope& scope, const Section& section, const Bytes& person,
                 const PersonKey& key, const std::vector<Secret>& lookup_keys) {
  Message& message = *section.message;
  const auto& reflection = *message.GetReflection();
  const Message& clear = reflection.GetMessage(message, section.plan->clear);
  std::string bytes = DeterministicBytes(clear);
  const eventstore::SealPlace place{.tenant = scope.school_id,
                                    .request_id = scope.request_id,
                                    .path = section.plan->path,
                                    .row = section.row,
                                    .subject = person};
  eventstore::SealedBytes box = eventstore::Seal(key, place, bytes);
  type::v1::Sealed sealed;
  sealed.set_subject(person);
  sealed.set_key_id(std::move(box.key_id));
  sealed.set_nonce(std::move(box.nonce));
  sealed.set_ciphertext(std::move(box.ciphertext));
  sealed.set_commitment(std::move(box.commitment));
  sealed.set_request_id(scope.request_id);
  sealed.set_path(section.plan->path);
  sealed.set_row(section.row);
  AddLookups(section, clear, bytes, lookup_keys, &sealed);
  eventstore::WipeBytes(bytes.data(), bytes.size());
  // Of the two members of the section's oneof the clear one goes with this.
  static_cast<type::v1::Sealed*>(reflection.MutableMessage(&message, section.plan->sealed))
      ->Swap(&sealed);
}

bool NeedsLookup(const std::vector<Section>& sections) {
  for (const Section& section : sections) {
    if (!section.plan->option.lookup().empty()) return true;
  }
  return false;
}

// What a dry run seals is read by nobody.
eventstore::PersonKeyPtr ThrowAwayKey() {
  return std::make_shared<const PersonKey>(RandomBytes(kKeyIdBytes), Secret::Random());
}

}  // namespace

bool Sealer::MakesKeys(const SealScope& scope, const std::vector<Section>& sections) {
  return !scope.dry_run && std::ranges::any_of(sections, [](const Section& section) {
    return section.subject.empty();
  });
}

void Sealer::Seal(SealScope scope, std::vector<Section> sections, Done done) {
  if (sections.empty()) return done({});
  auto job = std::make_shared<Job>();
  job->scope = std::move(scope);
  job->sections = std::move(sections);
  job->done = std::move(done);
  std::vector<eventstore::KeyWanted> wanted;
  for (const Section& section : job->sections) {
    const bool is_new = section.subject.empty();
    job->persons.push_back(PersonOf(section));
    job->keys.push_back(is_new && job->scope.dry_run ? ThrowAwayKey() : nullptr);
    if (job->keys.back() == nullptr) wanted.push_back({job->persons.back(), is_new});
  }
  vault_.PersonKeys(
      job->scope.school_id, std::move(wanted),
      [this, job](const Result<std::vector<KeyFound>>& keys) {
        const auto refuse = [&](domain::RefusalReason reason) {
          job->done(std::unexpected(Refusals().Add(reason)));
        };
        if (!keys) return refuse(Reason::VAULT_UNAVAILABLE);
        for (const KeyFound& key : *keys) {
          if (key.state == KeyFound::State::kUnknown) return refuse(Reason::NOT_FOUND);
          if (key.state == KeyFound::State::kDestroyed) return refuse(Reason::PERSON_ERASED);
        }
        Result<std::vector<Secret>> lookup_keys;
        if (NeedsLookup(job->sections)) {
          lookup_keys = vault_.LookupKeys(job->scope.school_id, job->scope.school_year);
        }
        if (!lookup_keys) return refuse(Reason::VAULT_UNAVAILABLE);
        auto found = keys->begin();
        for (size_t i = 0; i < job->sections.size(); ++i) {
          if (job->keys[i] == nullptr) job->keys[i] = (found++)->key;
          SealSection(job->scope, job->sections[i], job->persons[i], *job->keys[i], *lookup_keys);
        }
        job->done({});
      });
}

uint32_t SchoolYearOf(uint32_t local_date) {
  const uint32_t year = local_date / 10'000;
  return local_date % 10'000 >= 701 ? year : year - 1;
}

}  // namespace jalon::api
