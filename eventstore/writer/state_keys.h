// The key space of one partition in the state store. Its first byte says what a key is:
//
//     'd' request_id(16) tenant   an accepted request (dedupe.h); request ids begin with their time
//     'r' key                     an application's row
//
// The checkpoint belongs to the store, which keeps it under a key of its own.
#pragma once

#include <string>
#include <string_view>

namespace jalon::eventstore {

inline constexpr char kRequestKeys = 'd';
inline constexpr char kRowKeys = 'r';

inline std::string StoredRowKey(std::string_view key) {
  std::string stored;
  stored.reserve(key.size() + 1);
  stored += kRowKeys;
  stored += key;
  return stored;
}

}  // namespace jalon::eventstore
