// How what is held of a person ends, as the view erasures keeps it: nothing here is personal.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/base/ids.h"
#include "jalon/privacy/v1/legal_hold.pb.h"
#include "projections/views/fact.h"

namespace jalon::projections {

struct ErasureRow {
  Fact placed;       // the legal hold that stands; none: there is none
  Bytes hold_actor;  // an encoded jalon.type.v1.Actor, as below
  privacy::v1::LegalHoldBasis basis = privacy::v1::LEGAL_HOLD_BASIS_UNSPECIFIED;
  std::string document_ref;
  Fact requested;  // the last request; none: nobody asked
  Bytes request_actor;
  uint32_t request_expires_on = 0;  // whoever reads it compares
  Fact erased;                      // none: the person is not erased
  Bytes erasure_actor;
  uint32_t kept_until_on = 0;

  void Fields(auto& archive) {
    archive(placed, hold_actor, basis, document_ref, requested, request_actor, request_expires_on,
            erased, erasure_actor, kept_until_on);
  }
  bool operator==(const ErasureRow&) const = default;
};

}  // namespace jalon::projections
