// How rows of state and of views become bytes: a struct names its fields once, and encoding,
// decoding and weighing follow from that one line.
//
//   struct Booking {
//     Bytes stay_id;
//     uint32_t from_on = 0;
//     void Fields(auto& archive) { archive(stay_id, from_on); }
//     bool operator==(const Booking&) const = default;
//   };
//
// Format: numbers, enums and bools are varints (signed ones zigzag); bytes are a length and the
// bytes; a vector is a count and its items; an optional is 0, or 1 and the value; a struct is its
// fields in order. There are no tags and no version: whoever stores such bytes keeps the version of
// what made them beside (EvolveVersion, View::Version) and rebuilds when it changes.
//
// Example: Booking{"ab", 300} is 02 61 62 ac 02.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "eventstore/base/ids.h"

namespace jalon {

template <typename T, typename Archive>
concept HasFields = requires(T& value, Archive& archive) { value.Fields(archive); };

template <typename T>
concept ArchiveNumber = std::is_integral_v<T> || std::is_enum_v<T>;

// Appends values to a string, which holds them all once the writer is gone.
class ArchiveWriter {
 public:
  explicit ArchiveWriter(std::string* out) : out_(out) {}
  ~ArchiveWriter() { Flush(); }
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

  template <typename... Ts>
  void operator()(const Ts&... values) {
    (Put(values), ...);
  }

 private:
  template <ArchiveNumber T>
  void Put(T value) {
    if constexpr (std::is_enum_v<T>) {
      Put(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::is_signed_v<T>) {
      const auto wide = static_cast<int64_t>(value);
      PutVarint((static_cast<uint64_t>(wide) << 1) ^ static_cast<uint64_t>(wide >> 63));
    } else {
      PutVarint(value);
    }
  }
  void Put(const std::string& value) {
    PutVarint(value.size());
    PutBytes(value.data(), value.size());
  }
  template <size_t kSize>
  void Put(const std::array<uint8_t, kSize>& value) {
    PutBytes(reinterpret_cast<const char*>(value.data()), kSize);
  }
  template <typename Tag, typename Number>
  void Put(const Strong<Tag, Number>& value) {
    Put(value.value);
  }
  template <typename T>
  void Put(const std::vector<T>& values) {
    PutVarint(values.size());
    for (const auto& value : values) Put(value);
  }
  template <typename T>
  void Put(const std::optional<T>& value) {
    Put(value.has_value());
    if (value) Put(*value);
  }
  template <typename T>
    requires HasFields<T, ArchiveWriter>
  void Put(const T& value) {
    // Fields is one function for reading and writing; this archive only reads what it is given.
    const_cast<T&>(value).Fields(*this);
  }

  void PutVarint(uint64_t value) {
    if (kBlockBytes - used_ < kVarintBytesMax) Flush();
    while (value >= 0x80) {
      block_[used_++] = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    block_[used_++] = static_cast<char>(value);
  }

  void PutBytes(const char* bytes, size_t size) {
    if (size > kBlockBytes - used_) {
      Flush();
      if (size > kBlockBytes) {
        out_->append(bytes, size);
        return;
      }
    }
    std::memcpy(block_.data() + used_, bytes, size);
    used_ += size;
  }

  void Flush() {
    out_->append(block_.data(), used_);
    used_ = 0;
  }

  static constexpr size_t kVarintBytesMax = 10;
  static constexpr size_t kBlockBytes = 512;

  std::array<char, kBlockBytes> block_;  // most values are a byte: they are appended together
  size_t used_ = 0;
  std::string* out_;
};

// Reads values from bytes. Never reads past the end nor allocates more than the bytes could fill;
// after the first fault every further read is void and Ok() is false.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) : rest_(bytes) {}

  template <typename... Ts>
  void operator()(Ts&... values) {
    (Get(values), ...);
  }

  bool Ok() const { return ok_; }
  // Every byte was used.
  bool Done() const { return ok_ && rest_.empty(); }

 private:
  template <ArchiveNumber T>
  void Get(T& value) {
    if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> number{};
      Get(number);
      value = static_cast<T>(number);
    } else {
      const uint64_t raw = GetVarint();
      if constexpr (std::is_same_v<T, bool>) {
        if (raw > 1) Fault();
        value = raw == 1;
      } else if constexpr (std::is_signed_v<T>) {
        const auto wide = static_cast<int64_t>((raw >> 1) ^ (~(raw & 1) + 1));
        value = static_cast<T>(wide);
        if (static_cast<int64_t>(value) != wide) Fault();
      } else {
        value = static_cast<T>(raw);
        if (static_cast<uint64_t>(value) != raw) Fault();
      }
    }
  }
  void Get(std::string& value) {
    const uint64_t size = GetVarint();
    if (size > rest_.size()) return Fault();
    value.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }
  template <size_t kSize>
  void Get(std::array<uint8_t, kSize>& value) {
    if (rest_.size() < kSize) return Fault();
    for (size_t i = 0; i < kSize; ++i) value[i] = static_cast<uint8_t>(rest_[i]);
    rest_.remove_prefix(kSize);
  }
  template <typename Tag, typename Number>
  void Get(Strong<Tag, Number>& value) {
    Get(value.value);
  }
  template <typename T>
  void Get(std::vector<T>& values) {
    const uint64_t count = GetVarint();
    if (count > rest_.size()) return Fault();  // an item takes one byte at least
    values.clear();
    values.reserve(count);
    for (uint64_t i = 0; i < count && ok_; ++i) Get(values.emplace_back());
  }
  template <typename T>
  void Get(std::optional<T>& value) {
    bool there = false;
    Get(there);
    value.reset();
    if (there && ok_) Get(value.emplace());
  }
  template <typename T>
    requires HasFields<T, ArchiveReader>
  void Get(T& value) {
    value.Fields(*this);
  }

  uint64_t GetVarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Fault();
    return 0;
  }
  void Fault() {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

// Adds up the bytes that values hold on the heap, roughly.
class ArchiveWeigher {
 public:
  template <typename... Ts>
  void operator()(const Ts&... values) {
    (Add(values), ...);
  }
  size_t HeapBytes() const { return bytes_; }
  // What a type of its own keeps there.
  void AddHeap(size_t bytes) { bytes_ += bytes; }

 private:
  template <ArchiveNumber T>
  void Add(T) {}
  void Add(const std::string& value) {
    if (value.capacity() > 15) bytes_ += value.capacity();  // shorter ones live in the object
  }
  template <size_t kSize>
  void Add(const std::array<uint8_t, kSize>&) {}
  template <typename Tag, typename Number>
  void Add(const Strong<Tag, Number>&) {}
  template <typename T>
  void Add(const std::vector<T>& values) {
    bytes_ += values.capacity() * sizeof(T);
    for (const auto& value : values) Add(value);
  }
  template <typename T>
  void Add(const std::optional<T>& value) {
    if (value) Add(*value);
  }
  template <typename T>
    requires HasFields<T, ArchiveWeigher>
  void Add(const T& value) {
    const_cast<T&>(value).Fields(*this);  // as in ArchiveWriter
  }

  size_t bytes_ = 0;
};

// Appends the bytes of `value`.
template <typename T>
void Encode(const T& value, std::string* out) {
  ArchiveWriter writer(out);
  writer(value);
}

// The value that `bytes` are, whole; false on anything else, and `value` is then unspecified.
template <typename T>
bool Decode(std::string_view bytes, T* value) {
  ArchiveReader reader(bytes);
  reader(*value);
  return reader.Done();
}

// Bytes in memory of `value`, roughly: what a cache counts.
template <typename T>
size_t Weigh(const T& value) {
  ArchiveWeigher weigher;
  weigher(value);
  return sizeof(T) + weigher.HeapBytes();
}

}  // namespace jalon
