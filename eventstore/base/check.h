// CHECK: an invariant that holds unless the program is wrong. A broken one ends the process at
// once: going on would acknowledge what is not so.
#pragma once

namespace jalon {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}  // namespace jalon

#define JALON_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::jalon::CheckFailed(__FILE__, __LINE__, #condition))
