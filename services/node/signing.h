// Who signs the trails: this node, if it holds the deployment's key.
#pragma once

#include <memory>

#include "eventstore/base/result.h"
#include "eventstore/signer/signer.h"
#include "services/node/data_folder.h"

namespace jalon::node {

// Alone on its log, a node signs by itself, and makes the key if there is none. On a shared log
// only one that was given the key does, and others get null: another key would be another signer of
// the same trails. Errors: those of LoadSigningKey and OpenRocksSignerMemory.
Result<std::unique_ptr<eventstore::Signer>> OpenSigner(DataFolder& folder);

}  // namespace jalon::node
