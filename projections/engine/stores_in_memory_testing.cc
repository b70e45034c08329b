// The stores of a build under the thread sanitizer: RocksDB is not instrumented, and would be seen
// to race.
#include "projections/engine/store_testing.h"

namespace jalon::projections::testing {

std::vector<StoreKind> Stores() { return {StoreInMemory()}; }

}  // namespace jalon::projections::testing
