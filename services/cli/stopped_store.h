// What an operator does to a store of a stopped process that a power cut left half written.
#pragma once

#include "services/cli/field.h"
#include "services/cli/wiring.h"

namespace jalon::cli {

// The verb repair, of the vault's keys or of the signer's memory.
Verb RepairVerb(const Words& help, const CutStore& cut_store);

}  // namespace jalon::cli
