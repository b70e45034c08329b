#include "eventstore/base/random.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace jalon {
namespace {

struct Pool {
  std::array<uint8_t, 1024> bytes{};
  size_t used = bytes.size();
  ~Pool() { sodium_memzero(bytes.data(), bytes.size()); }
};

}  // namespace

void FillRandom(void* bytes, size_t size) {
  static thread_local Pool pool;
  auto* out = static_cast<uint8_t*>(bytes);
  while (size > 0) {
    if (pool.used == pool.bytes.size()) {
      randombytes_buf(pool.bytes.data(), pool.bytes.size());
      pool.used = 0;
    }
    const size_t part = std::min(size, pool.bytes.size() - pool.used);
    std::memcpy(out, pool.bytes.data() + pool.used, part);
    // Given out once: nobody who reads this memory later learns a nonce or an id.
    std::memset(pool.bytes.data() + pool.used, 0, part);
    pool.used += part;
    out += part;
    size -= part;
  }
}

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  FillRandom(bytes.data(), size);
  return bytes;
}

}  // namespace jalon
