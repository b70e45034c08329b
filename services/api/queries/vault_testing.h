// Keys in memory, for tests of what opens sealed sections.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/vault/seal.h"
#include "eventstore/vault/vault.h"
#include "jalon/type/v1/sealed.pb.h"

namespace jalon::api {

class TestVault final : public eventstore::Vault {
 public:
  bool reachable = true;
  uint32_t day_keys_asked = 0;
  uint32_t person_keys_asked = 0;  // calls, of however many persons

  // An encoded Sealed of `clear` under the person's key, made on first use.
  std::string Sealed(const Bytes& school_id, const Bytes& person, std::string_view clear) {
    eventstore::KeyFound& found = keys_[school_id + person];
    if (found.key == nullptr) {
      found = {eventstore::KeyFound::State::kFound,
               std::make_shared<eventstore::PersonKey>(
                   eventstore::PersonKey{Bytes(8, 'k'), eventstore::Secret::Random()})};
    }
    type::v1::Sealed sealed;
    sealed.set_subject(person);
    sealed.set_request_id(Bytes(16, 'r'));
    sealed.set_path("words");
    sealed.set_row(3);
    eventstore::SealedBytes bytes = eventstore::Seal(*found.key,
                                                     {.tenant = school_id,
                                                      .request_id = sealed.request_id(),
                                                      .path = sealed.path(),
                                                      .row = sealed.row(),
                                                      .subject = person},
                                                     clear);
    sealed.set_key_id(std::move(bytes.key_id));
    sealed.set_nonce(std::move(bytes.nonce));
    sealed.set_ciphertext(std::move(bytes.ciphertext));
    sealed.set_commitment(std::move(bytes.commitment));
    return sealed.SerializeAsString();
  }

  // As if the person's key were destroyed, until it is shown again.
  void Hide(const Bytes& school_id, const Bytes& person, bool hidden) {
    if (hidden) {
      hidden_.insert(school_id + person);
    } else {
      hidden_.erase(school_id + person);
    }
  }

  Result<std::vector<eventstore::KeyFound>> FindPersonKeys(
      std::string_view tenant, std::span<const Bytes> persons) override {
    ++person_keys_asked;
    if (!reachable) return OutOfReach();
    if (persons.size() > eventstore::kPersonsPerCallMax) return eventstore::TooManyPersons();
    std::vector<eventstore::KeyFound> all;
    for (const Bytes& person : persons) {
      const std::string name = std::string(tenant).append(person);
      const auto found = keys_.find(name);
      if (hidden_.contains(name)) {
        all.push_back({eventstore::KeyFound::State::kDestroyed, nullptr});
        continue;
      }
      all.push_back(found == keys_.end() ? eventstore::KeyFound{} : found->second);
    }
    return all;
  }
  Result<void> DestroyPersonKeys(std::string_view tenant, std::span<const Bytes> persons) override {
    for (const Bytes& person : persons) {
      keys_[std::string(tenant).append(person)] = {eventstore::KeyFound::State::kDestroyed,
                                                   nullptr};
    }
    return {};
  }

  // How far erasures are, where a test says so.
  std::optional<eventstore::KeyErasure> erasure;
  Result<eventstore::KeyErasure> ErasureOf(std::string_view tenant,
                                           std::string_view person) override {
    return erasure ? *erasure : Vault::ErasureOf(tenant, person);
  }

  void PersonKeys(Bytes tenant, std::vector<eventstore::KeyWanted> wanted, Done done) override {
    if (!reachable) return done(OutOfReach());
    std::vector<eventstore::KeyFound> all;
    for (const eventstore::KeyWanted& one : wanted) {
      eventstore::KeyFound& found = keys_[tenant + one.person];
      if (found.key == nullptr && one.create) {
        found = {eventstore::KeyFound::State::kFound,
                 std::make_shared<eventstore::PersonKey>(
                     eventstore::PersonKey{Bytes(8, 'k'), eventstore::Secret::Random()})};
      }
      all.push_back(found);
    }
    done(std::move(all));
  }
  Result<eventstore::Secret> DayKey(uint32_t day) override {
    if (!reachable) return OutOfReach();
    ++day_keys_asked;
    return days_.try_emplace(day, eventstore::Secret::Random()).first->second.Clone();
  }
  Result<std::vector<eventstore::Secret>> LookupKeys(std::string_view, uint32_t) override {
    return Unused();
  }
  Result<size_t> Sweep(Micros,
                       const std::function<bool(std::string_view, std::string_view)>&) override {
    return Unused();
  }

 private:
  static std::unexpected<Error> Unused() {
    return Fail(Code::kUnimplemented, "UNSUPPORTED", "queries open and do nothing else");
  }
  static std::unexpected<Error> OutOfReach() {
    return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE", "out of reach");
  }

  std::map<std::string, eventstore::KeyFound> keys_;
  std::set<std::string> hidden_;
  std::map<uint32_t, eventstore::Secret> days_;
};

}  // namespace jalon::api
