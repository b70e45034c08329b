#include "services/api/queries/page_token.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/check.h"

namespace jalon::api {
namespace {

using eventstore::Secret;

constexpr char kVersion = 2;
constexpr size_t kDayBytes = 4;
constexpr uint32_t kOwnDay = 0;  // under a key of the node's own; long past
constexpr size_t kNonceBytes = crypto_secretbox_NONCEBYTES;
constexpr size_t kTagBytes = crypto_secretbox_MACBYTES;
constexpr size_t kHeadBytes = 1 + kDayBytes + kNonceBytes;
static_assert(crypto_secretbox_KEYBYTES == Secret::kBytes);
static_assert(crypto_kdf_KEYBYTES == Secret::kBytes);

const uint8_t* Data(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}
uint8_t* Data(std::string& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

std::string DayBytes(uint32_t day) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(day >> shift);
  return bytes;
}

uint32_t DayFrom(std::string_view bytes) {
  uint32_t day = 0;
  for (const char byte : bytes) day = day << 8 | static_cast<uint8_t>(byte);
  return day;
}

// Apart from whatever is MACed under the day's key: BLAKE2b with a context of its own.
Secret Derive(const Secret& day_key) {
  std::array<char, Secret::kBytes> bytes;
  crypto_kdf_derive_from_key(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size(), kVersion,
                             "pagetokn", day_key.data());
  Secret derived = Secret::From({bytes.data(), bytes.size()});
  eventstore::WipeBytes(bytes.data(), bytes.size());
  return derived;
}

}  // namespace

uint32_t PageTokens::Today() const {
  return static_cast<uint32_t>(std::chrono::floor<std::chrono::days>(clock_.Wall()).count());
}

Result<PageTokens::Key> PageTokens::KeyOf(uint32_t day) const {
  {
    MutexLock lock(mutex_);
    if (const auto found = keys_.find(day); found != keys_.end()) return found->second;
  }
  JALON_ASSIGN_OR_RETURN(const Secret day_key, vault_.DayKey(day));
  auto key = std::make_shared<const Secret>(Derive(day_key));
  const uint32_t today = Today();
  MutexLock lock(mutex_);
  std::erase_if(keys_, [&](const auto& kept) {
    return kept.first + kPageTokenDays < today || kept.first > today + 1;
  });
  return keys_.try_emplace(day, std::move(key)).first->second;
}

std::pair<uint32_t, PageTokens::Key> PageTokens::SealingKey() const {
  const uint32_t today = Today();
  if (Result<Key> key = KeyOf(today)) return {today, *std::move(key)};
  MutexLock lock(mutex_);
  const auto later = keys_.upper_bound(today);
  if (later == keys_.begin()) return {kOwnDay, own_};
  const auto latest = std::prev(later);
  if (latest->first + kPageTokenDays < today) return {kOwnDay, own_};
  return *latest;
}

std::string PageTokens::Seal(const PagePlace& place) const {
  std::string clear;
  Encode(place, &clear);
  std::string nonce(kNonceBytes, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  std::string box(clear.size() + kTagBytes, '\0');
  const auto [day, key] = SealingKey();
  crypto_secretbox_easy(Data(box), Data(clear), clear.size(), Data(nonce), key->data());
  std::string token = kVersion + DayBytes(day) + nonce + box;
  JALON_CHECK(token.size() <= kPageTokenBytesMax);
  return token;
}

Result<std::optional<PagePlace>> PageTokens::Open(std::string_view token) const {
  if (token.size() < kHeadBytes + kTagBytes || token.size() > kPageTokenBytesMax ||
      token.front() != kVersion) {
    return std::nullopt;
  }
  const uint32_t day = DayFrom(token.substr(1, kDayBytes));
  Key key = own_;
  if (day != kOwnDay) {
    // The vault is asked for no other: it makes the key of any day that it has none of. Another
    // node's clock may be a little ahead at midnight.
    const uint32_t today = Today();
    if (day + uint64_t{kPageTokenDays} < today || day > uint64_t{today} + 1) return std::nullopt;
    JALON_ASSIGN_OR_RETURN(key, KeyOf(day));
  }
  const std::string_view nonce = token.substr(1 + kDayBytes, kNonceBytes);
  const std::string_view box = token.substr(kHeadBytes);
  std::string clear(box.size() - kTagBytes, '\0');
  if (crypto_secretbox_open_easy(Data(clear), Data(box), box.size(), Data(nonce), key->data()) !=
      0) {
    return std::nullopt;
  }
  std::optional<PagePlace> place(std::in_place);
  if (!Decode(clear, &*place)) return std::nullopt;
  return place;
}

}  // namespace jalon::api
