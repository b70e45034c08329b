// Names for threads, as `top -H` and profilers show them.
#pragma once

namespace jalon {

// Names the calling thread. `name`: 15 bytes at most, the kernel's limit.
void NameThread(const char* name);

}  // namespace jalon
