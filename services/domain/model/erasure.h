// How what is held of a person ends: legal hold, the first of two people's request, erasure. The
// row is there once one of these happened, or something was rectified, which counts the same
// versions; the person may be a student, or hold grants.
#pragma once

#include "eventstore/base/ids.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

struct ErasureState {
  static constexpr RowKind kKind = RowKind::kErasure;

  uint64_t version = 0;
  FactRef hold;  // none: no hold stands
  Bytes requested_by;
  FactRef requested;  // the last request; none: nobody asked
  uint32_t request_expires_on = 0;
  FactRef erased;  // none: the person is not erased

  bool IsHeld() const { return hold.seq != 0; }
  bool IsRequested() const { return requested.seq != 0; }
  // Somebody asked, and another one can still confirm. Expiry is compared, never folded.
  bool AwaitsOn(uint32_t date) const { return IsRequested() && date <= request_expires_on; }
  bool IsErased() const { return erased.seq != 0; }

  void Fields(auto& archive) {
    archive(version, hold, requested_by, requested, request_expires_on, erased);
  }
  bool operator==(const ErasureState&) const = default;
};

}  // namespace jalon::domain
