// Row keys put together in place: a fold makes one per event and allocates nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace jalon::projections {

// A tenant, and what follows it. A fold begins with the event's tenant; a query begins with none,
// since ReadView adds its own.
class Key {
 public:
  // Tenant (16), and at most 64 bytes of an aggregate's id and what a view puts around them.
  static constexpr size_t kBytesMax = 160;

  explicit Key(std::string_view tenant = {}) { Add(tenant); }

  // Beyond kBytesMax bytes are left out: folds are total, and no id that the log takes comes near.
  Key& Add(std::string_view bytes) {
    const size_t take = std::min(bytes.size(), kBytesMax - size_);
    bytes.copy(bytes_.data() + size_, take);
    size_ += take;
    return *this;
  }
  // Exactly `size` bytes: an id that is shorter is filled up with zeros, so that what follows it
  // lies where it belongs.
  Key& AddFixed(std::string_view id, size_t size) {
    Add(id.substr(0, size));
    for (size_t at = id.size(); at < size; ++at) Add('\0');
    return *this;
  }
  Key& Add(char byte) { return Add(std::string_view(&byte, 1)); }
  // Numbers are big-endian, so that they order keys.
  Key& AddBig32(uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) Add(static_cast<char>(value >> shift));
    return *this;
  }
  Key& AddBig64(uint64_t value) {
    return AddBig32(static_cast<uint32_t>(value >> 32)).AddBig32(static_cast<uint32_t>(value));
  }

  std::string_view view() const { return {bytes_.data(), size_}; }
  // NOLINTNEXTLINE(google-explicit-constructor): a key is its bytes
  operator std::string_view() const { return view(); }

 private:
  std::array<char, kBytesMax> bytes_;
  size_t size_ = 0;
};

}  // namespace jalon::projections
