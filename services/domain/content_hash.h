// Tells whether a programme version is the same as before.
#pragma once

#include "eventstore/base/hash.h"
#include "jalon/catalogue/v1/definition.pb.h"

namespace jalon::domain {

// SHA-256 of the encoded definition: it has no maps and no unknown fields, so equal content has
// equal bytes.
inline Hash ContentHash(const catalogue::v1::ProgrammeDefinition& programme) {
  return Sha256(programme.SerializeAsString());
}

}  // namespace jalon::domain
