// Whose word this node collects for the root log: the witnesses of a policy file, and what they
// signed.
#pragma once

#include <memory>

#include "eventstore/base/result.h"
#include "eventstore/signer/cosignatures.h"
#include "eventstore/signer/signer.h"
#include "services/node/config.h"
#include "services/node/data_folder.h"

namespace jalon::node {

// Null where the node was told of no witnesses, or signs nothing (null `signer`): then it keeps
// nothing either. FAILED_PRECONDITION WITNESSES_UNREADABLE: the file is no policy, with what to do;
// the errors of Cosignatures::Open. `generation`: that of the root log.
Result<std::unique_ptr<eventstore::Cosignatures>> OpenCosignatures(const Config& config,
                                                                   const DataFolder& folder,
                                                                   const eventstore::Signer* signer,
                                                                   uint32_t generation);

}  // namespace jalon::node
