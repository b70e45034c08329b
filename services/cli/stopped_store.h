// What an operator does to a store of a stopped process that a power cut left half written.
#pragma once

#include <optional>

#include "services/cli/field.h"
#include "services/cli/wiring.h"

namespace jalon::cli {

// The verb repair, of the vault's keys or of the signer's memory. `unasked` is said too where there
// was no witness: what to see to before it is cut.
Verb RepairVerb(const Words& help, const std::optional<Words>& unasked, const CutStore& cut_store);

}  // namespace jalon::cli
