#include "eventstore/vault/key_witness.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "eventstore/base/durable_file.h"

namespace jalon::eventstore {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "jalonkey";
constexpr size_t kMarkBytes = KeyMark::kLifeBytes + sizeof(uint64_t);
constexpr size_t kWritesAt = kMagic.size() + KeyMark::kLifeBytes;
constexpr size_t kFileBytes = kMagic.size() + kMarkBytes;

std::unexpected<Error> Unusable(const std::string& path, const std::error_code& failed) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              fmt::format("{}: {}; check that its folder is there and this user's", path,
                          failed.message()));
}

// Says nothing about the file.
std::unexpected<Error> CannotMap(const std::string& path, const std::error_code& failed) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              fmt::format("{} cannot be mapped: {}; leave it there, check the machine's memory and "
                          "the disk, then start again",
                          path, failed.message()));
}

std::unexpected<Error> Damaged(const std::string& path) {
  return Fail(Code::kDataLoss, "KEYS_WITNESS_DAMAGED",
              fmt::format("{} is damaged: nothing says whether the keys are an older copy; remove "
                          "it if they are the newest",
                          path));
}

}  // namespace

std::string EncodeMark(const KeyMark& mark) {
  std::string bytes = mark.life;
  bytes.append(reinterpret_cast<const char*>(&mark.writes), sizeof mark.writes);
  return bytes;
}

std::optional<KeyMark> DecodeMark(std::string_view bytes) {
  if (bytes.size() != kMarkBytes) return std::nullopt;
  KeyMark mark;
  mark.life = bytes.substr(0, KeyMark::kLifeBytes);
  std::memcpy(&mark.writes, bytes.data() + KeyMark::kLifeBytes, sizeof mark.writes);
  return mark;
}

Result<void> KeyWitness::Create(const std::string& path, const KeyMark& mark) {
  const std::string bytes = std::string(kMagic) + EncodeMark(mark);
  if (const std::error_code failed = WriteFileDurably(path, bytes)) return Unusable(path, failed);
  return {};
}

Result<std::unique_ptr<KeyWitness>> KeyWitness::Open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) {
    if (errno != ENOENT) return Unusable(path, {errno, std::generic_category()});
    return nullptr;
  }
  struct stat status{};
  bool usable = ::fstat(file, &status) == 0;
  const bool whole = status.st_size == off_t{kFileBytes};
  void* bytes = MAP_FAILED;
  if (usable && whole) {
    bytes = ::mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    usable = bytes != MAP_FAILED;
  }
  const std::error_code failed(errno, std::generic_category());
  ::close(file);
  if (!usable) return CannotMap(path, failed);
  if (!whole) return Damaged(path);
  const std::string_view view(static_cast<const char*>(bytes), kFileBytes);
  if (!view.starts_with(kMagic)) {
    ::munmap(bytes, kFileBytes);
    return Damaged(path);
  }
  return std::unique_ptr<KeyWitness>(
      new KeyWitness(static_cast<char*>(bytes), *DecodeMark(view.substr(kMagic.size()))));
}

KeyWitness::~KeyWitness() { ::munmap(bytes_, kFileBytes); }

// In one store, so that a process that dies leaves the old number or the new one.
void KeyWitness::Write(uint64_t writes) {
  auto& number = *reinterpret_cast<uint64_t*>(bytes_ + kWritesAt);
  std::atomic_ref(number).store(writes, std::memory_order_relaxed);
}

}  // namespace jalon::eventstore
