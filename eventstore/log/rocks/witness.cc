#include "eventstore/log/rocks/witness.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "eventstore/base/check.h"
#include "eventstore/log/rocks/row.h"

namespace jalon::eventstore::rocks {
namespace {

constexpr std::string_view kMagic = "jalonwit";
constexpr size_t kSlotBytes = 64;
constexpr size_t kCheckedBytes = 48;
constexpr size_t kSecondSlotAt = 512;
constexpr size_t kFileBytes = 1024;

using Slot = std::array<char, kSlotBytes>;

Slot EncodeSlot(const Testimony& testimony) {
  Slot slot;
  kMagic.copy(slot.data(), kMagic.size());
  StoreBigEndian(testimony.commit, slot.data() + 8);
  jalon::View(testimony.hash).copy(slot.data() + 16, sizeof(Hash));
  const Hash check = Sha256(std::string_view(slot.data(), kCheckedBytes));
  jalon::View(check).copy(slot.data() + kCheckedBytes, kSlotBytes - kCheckedBytes);
  return slot;
}

std::optional<Testimony> DecodeSlot(std::string_view bytes) {
  const Testimony testimony{LoadBigEndian<uint64_t>(bytes, 8),
                            HashFrom(bytes.substr(16, sizeof(Hash)))};
  if (View(EncodeSlot(testimony)) != bytes.substr(0, kSlotBytes)) return std::nullopt;
  return testimony;
}

std::optional<Testimony> LastOf(std::string_view file) {
  const auto first = DecodeSlot(file);
  const auto second = DecodeSlot(file.substr(kSecondSlotAt));
  if (!first || !second) return first ? first : second;
  return first->commit > second->commit ? first : second;
}

std::unexpected<Error> CannotUse(const std::string& path, std::string_view doing) {
  return Fail(Code::kUnavailable, "LOG_UNREADABLE",
              fmt::format("cannot {} {}: {}", doing, path, std::strerror(errno)));
}

std::unexpected<Error> Damaged(const std::string& path) {
  return Fail(Code::kDataLoss, "LOG_CORRUPT",
              fmt::format("{} is damaged or not a log's witness: nothing says how far the log was "
                          "durable; restore the log from a backup",
                          path));
}

}  // namespace

Result<void> Witness::Create(const std::string& path, const Testimony& first) {
  std::array<char, kFileBytes> bytes{};
  const Slot slot = EncodeSlot(first);
  std::memcpy(bytes.data(), slot.data(), slot.size());
  std::memcpy(bytes.data() + kSecondSlotAt, slot.data(), slot.size());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return CannotUse(path, "create");
  const bool written =
      ::write(file, bytes.data(), bytes.size()) == ssize_t{kFileBytes} && ::fsync(file) == 0;
  const auto error = CannotUse(path, "write");
  ::close(file);
  if (!written) return error;
  return {};
}

Result<Testimony> Witness::Read(const std::string& path) {
  std::array<char, kFileBytes> bytes{};
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? Damaged(path) : CannotUse(path, "open");
  const bool whole = ::pread(file, bytes.data(), bytes.size(), 0) == ssize_t{kFileBytes};
  ::close(file);
  const auto last = whole ? LastOf(View(bytes)) : std::nullopt;
  if (!last) return Damaged(path);
  return *last;
}

Result<std::unique_ptr<Witness>> Witness::Open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? Damaged(path) : CannotUse(path, "open");
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    ::close(file);
    return Fail(Code::kFailedPrecondition, "LOG_IN_USE",
                fmt::format("another process has the log of {} open; stop it first", path));
  }
  struct stat status{};
  bool usable = ::fstat(file, &status) == 0;
  void* slots = MAP_FAILED;
  if (usable && status.st_size == off_t{kFileBytes}) {
    slots = ::mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    usable = slots != MAP_FAILED;
  }
  if (!usable) {  // says nothing about the file
    const auto error = CannotUse(path, "map");
    ::close(file);
    return error;
  }
  const bool mapped = slots != MAP_FAILED;
  const std::string_view bytes(static_cast<const char*>(slots), mapped ? kFileBytes : 0);
  const auto last = mapped ? LastOf(bytes) : std::nullopt;
  if (!last) {
    if (mapped) ::munmap(slots, kFileBytes);
    ::close(file);
    return Damaged(path);
  }
  auto witness = std::unique_ptr<Witness>(new Witness(file, static_cast<char*>(slots), *last));
  witness->turn_ = DecodeSlot(bytes) == last ? 1 : 0;  // never over the one that counts
  return witness;
}

Witness::~Witness() {
  ::munmap(slots_, kFileBytes);
  ::close(file_);  // and with it the lock
}

void Witness::Write(const Testimony& testimony) {
  JALON_CHECK(testimony.commit >= last_.commit);
  const Slot slot = EncodeSlot(testimony);
  std::memcpy(slots_ + (turn_ == 0 ? 0 : kSecondSlotAt), slot.data(), slot.size());
  turn_ ^= 1;
  last_ = testimony;
}

}  // namespace jalon::eventstore::rocks
