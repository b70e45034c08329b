// Random bytes that nobody can guess, cheap enough for every command: a thread asks the system for
// many at a time.
//
// What must be reproducible (decide, evolve, folds, simulation) never calls this: randomness comes
// in from outside.
#pragma once

#include <cstddef>
#include <string>

namespace jalon {

// Thread safety: any thread. REQUIRES: the process does not fork without exec.
void FillRandom(void* bytes, size_t size);
std::string RandomBytes(size_t size);

}  // namespace jalon
