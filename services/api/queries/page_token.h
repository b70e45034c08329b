// Tokens by which a list goes on: opaque to callers, and good for the same list, arguments and
// caller only.
//
// Format: 01 ‖ nonce (24) ‖ secretbox (XSalsa20-Poly1305) of a PagePlace. At most 512 bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/vault/secret.h"

namespace jalon::api {

// Where a list goes on, and what it is a list of.
struct PagePlace {
  Hash list{};            // of the method, its arguments, the caller and the view's version
  Bytes log_incarnation;  // with seq: the position that the page before stood at
  uint64_t seq = 0;
  std::string after;  // the key of the last row read

  void Fields(auto& archive) { archive(list, log_incarnation, seq, after); }
  bool operator==(const PagePlace&) const = default;
};

inline constexpr size_t kPageTokenBytesMax = 512;

// Thread safety: any thread.
class PageTokens {
 public:
  // Tokens count as long as the key does: a node that keeps its key across restarts, or shares it
  // with others, honours their tokens.
  explicit PageTokens(eventstore::Secret key) : key_(std::move(key)) {}

  std::string Seal(const PagePlace& place) const;
  // None if it is no token of this key.
  std::optional<PagePlace> Open(std::string_view token) const;

 private:
  eventstore::Secret key_;
};

}  // namespace jalon::api
