// Seals what is personal in a command, before anything is decided: what goes on from here holds no
// clear word about a person.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/vault/vault.h"
#include "services/api/message_plan.h"
#include "services/domain/refusals.h"

namespace jalon::api {

// Whose command it is, and which.
struct SealScope {
  Bytes school_id;
  Bytes request_id;
  uint32_t school_year = 0;  // whose look-up key makes the lasting MACs: the year it begins in
  bool dry_run = false;      // nothing of it is kept: a new person gets a key that is not either
};

// Thread safety: any thread; each call of Seal has its sections for itself until `done`.
class Sealer {
 public:
  // Whether a section is of a new person, for whom a key is made.
  static bool MakesKeys(const SealScope& scope, const std::vector<Section>& sections);

  explicit Sealer(eventstore::Vault& vault) : vault_(vault) {}

  // Replaces every section's clear content by its seal, with keys that are durable by then. `done`
  // is called once: at once if the keys are at hand, otherwise from a thread of the vault. A new
  // person gets an id drawn here and a key. Refused NOT_FOUND if a person named has no key at this
  // school, PERSON_ERASED if it was destroyed, VAULT_UNAVAILABLE; then nothing is sealed.
  using Done = std::function<void(std::expected<void, domain::Refusals>)>;
  void Seal(SealScope scope, std::vector<Section> sections, Done done);

 private:
  eventstore::Vault& vault_;
};

// The school year of a local date begins on the first of July.
uint32_t SchoolYearOf(uint32_t local_date);

}  // namespace jalon::api
