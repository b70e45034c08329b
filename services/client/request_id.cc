#include "services/client/request_id.h"

#include <sodium.h>

namespace jalon::client {

std::string NewRequestId(uint64_t unix_ms) {
  std::string id(16, '\0');
  randombytes_buf(id.data(), id.size());
  for (int i = 0; i < 6; ++i) id[i] = static_cast<char>(unix_ms >> (40 - 8 * i));
  id[6] = static_cast<char>((id[6] & 0x0f) | 0x70);
  id[8] = static_cast<char>((id[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace jalon::client
