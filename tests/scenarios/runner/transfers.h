// Another school, of another deployment, that issues transfers: every world trusts its key, and
// nobody else's.
#pragma once

#include <string>

#include "eventstore/trail/key.h"
#include "services/api/transfer/transfer.h"

namespace jalon::scenarios {

inline constexpr char kIssuerName[] = "e15e3e7e000000000000000000000001/transfer";

inline trail::SignerKey IssuerKey(const std::string& name = kIssuerName, uint8_t seed = 7) {
  return {name, trail::KeyType::kLog, trail::Seed{seed}};
}

// What the schools of a world without a server are sealed to.
inline transfer::SchoolKey LocalSchoolKey() {
  return transfer::SchoolKeyOf(eventstore::Secret::From(std::string(32, 's')));
}

}  // namespace jalon::scenarios
