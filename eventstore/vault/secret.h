// Bytes of a key, wiped from memory when they are no longer held.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace jalon::eventstore {

// 32 bytes of key. Copies are made on purpose only: Clone.
class Secret {
 public:
  static constexpr size_t kBytes = 32;

  Secret() = default;
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  static Secret Random();
  // REQUIRES: 32 bytes.
  static Secret From(std::string_view bytes);
  Secret Clone() const { return From(View()); }

  std::string_view View() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  const uint8_t* data() const { return bytes_.data(); }

 private:
  void Wipe();

  std::array<uint8_t, kBytes> bytes_{};
};

// Overwrites the characters; the compiler may not leave it out.
void WipeBytes(void* bytes, size_t size);

}  // namespace jalon::eventstore
