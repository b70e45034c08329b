#include "eventstore/vault/embedded/key_backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "eventstore/base/durable_file.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBegins = "jalon.keys.1\n";
constexpr size_t kValueBytesMax = 1024;     // none is nearly as long
constexpr size_t kRowsPerWrite = 10'000;    // of a restore: a synced write each
constexpr size_t kBufferBytes = 64 * 1024;  // of the file
constexpr size_t kHashBytes = crypto_hash_sha256_BYTES;

// Wrapped by the root key, or of this store alone.
bool IsLeftOut(std::string_view row) {
  return row.empty() || row[0] == 'r' || row[0] == 's' || row[0] == 'd';
}
bool IsKey(std::string_view row) { return row.starts_with('p') || row.starts_with('l'); }

template <typename Number>
std::string LittleEndian(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

std::unexpected<Error> NotMade(const std::string& path, const std::string& why) {
  return Fail(Code::kUnavailable, std::string(kKeyBackupFailed),
              fmt::format("the copy of the keys at {} is not made: {}; until one is made and "
                          "verified no epoch of keys ends, so that no erasure is complete: check "
                          "that its folder is there and writable; it is tried again",
                          path, why));
}

std::unexpected<Error> Damaged(const std::string& path, const std::string& what) {
  return Fail(Code::kDataLoss, "KEY_BACKUP_DAMAGED",
              fmt::format("the copy of the keys at {} is damaged: {}; use another copy, or make "
                          "one: jalon vault backup",
                          path, what));
}

// Null, with errno, where it is there or cannot be made.
std::FILE* MakeForOwner(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return nullptr;
  std::FILE* const opened = ::fdopen(file, "wb");
  if (opened == nullptr) {
    const int why = errno;
    ::close(file);
    errno = why;
  }
  return opened;
}

// A file, hashed as it is written or read.
class HashedFile {
 public:
  explicit HashedFile(std::FILE* file) : file_(file) {
    crypto_hash_sha256_init(&state_);
    if (file_ != nullptr) std::setvbuf(file_, nullptr, _IOFBF, kBufferBytes);
  }
  ~HashedFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  HashedFile(const HashedFile&) = delete;
  HashedFile& operator=(const HashedFile&) = delete;

  bool is_open() const { return file_ != nullptr; }

  bool Write(std::string_view bytes) {
    Add(bytes);
    size_ += bytes.size();
    return std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size();
  }
  // False: the file is shorter.
  bool Read(size_t size, std::string* bytes) {
    bytes->resize(size);
    if (std::fread(bytes->data(), 1, size, file_) != size) return false;
    Add(*bytes);
    return true;
  }
  template <typename Number>
  bool ReadNumber(Number* number) {
    std::string bytes;
    if (!Read(sizeof *number, &bytes)) return false;
    std::memcpy(number, bytes.data(), sizeof *number);
    return true;
  }
  bool IsAtEnd() { return std::fgetc(file_) == EOF && std::ferror(file_) == 0; }
  bool Sync() {
    const bool synced = std::fflush(file_) == 0 && ::fsync(::fileno(file_)) == 0;
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    return synced && closed;
  }
  // What was read back is then what the disk has, not what memory still knew.
  void ForgetCached() { ::posix_fadvise(::fileno(file_), 0, 0, POSIX_FADV_DONTNEED); }
  std::string HashSoFar() const {
    crypto_hash_sha256_state state = state_;
    std::string hash(kHashBytes, '\0');
    crypto_hash_sha256_final(&state, reinterpret_cast<uint8_t*>(hash.data()));
    return hash;
  }
  uint64_t size() const { return size_; }

 private:
  void Add(std::string_view bytes) {
    crypto_hash_sha256_update(&state_, reinterpret_cast<const uint8_t*>(bytes.data()),
                              bytes.size());
  }

  std::FILE* file_;
  crypto_hash_sha256_state state_{};
  uint64_t size_ = 0;
};

// Writes all of the file, synced. How many keys are in it, and its size.
Result<KeysBackedUp> WriteAll(KeyStore& store, const std::string& path) {
  ::unlink(path.c_str());  // what a crash left; made anew for its owner only
  HashedFile file(MakeForOwner(path));
  if (!file.is_open()) return NotMade(path, std::strerror(errno));
  KeysBackedUp made{.path = path};
  uint64_t rows = 0;
  bool written = file.Write(kBegins);
  JALON_RETURN_IF_ERROR(store.EachRow({}, [&](std::string_view row, std::string_view value) {
    if (IsLeftOut(row)) return true;
    ++rows;
    made.keys += IsKey(row) ? 1 : 0;
    written = file.Write(LittleEndian(static_cast<uint16_t>(row.size()))) && file.Write(row) &&
              file.Write(LittleEndian(static_cast<uint32_t>(value.size()))) && file.Write(value);
    return written;
  }));
  written = written && file.Write(LittleEndian(uint16_t{0})) && file.Write(LittleEndian(rows)) &&
            file.Write(file.HashSoFar());
  made.bytes = file.size();
  if (!written || !file.Sync()) return NotMade(path, std::strerror(errno));
  return made;
}

// Opens every key of a copy, with those of the epochs that it names.
class Checker {
 public:
  Checker(std::string path, const EpochKeys& epochs, const Secret& root, const Secret* next_root)
      : path_(std::move(path)), epochs_(epochs), root_(root), next_root_(next_root) {}

  Result<void> Take(const std::string& row, const std::string& value) {
    if (row == MarkRow()) {
      const auto mark = DecodeMark(value);
      if (!mark) return Damaged(path_, "its mark cannot be read");
      found_.mark = *mark;
      has_mark_ = true;
      return {};
    }
    if (row[0] == 'e') return TakeEpoch(std::string(TenantOf(row)), EpochOf(value));
    if (!IsKey(row)) return {};
    const auto epoch = keys_.find(TenantOf(row));  // rows of epochs come first
    if (epoch == keys_.end() || !Unwrap(epoch->second, row, value)) {
      return Damaged(path_, "a key in it does not open");
    }
    ++found_.keys;
    return {};
  }
  Result<KeyBackupFound> Found() const {
    if (!has_mark_) return Damaged(path_, "nothing says how late it is");
    return found_;
  }

 private:
  Result<void> TakeEpoch(const std::string& tenant, std::optional<uint32_t> number) {
    if (!number) return Damaged(path_, "a tenant's epoch cannot be read");
    Result<std::optional<Secret>> read = epochs_.Read(tenant, *number, root_);
    if (!read && next_root_ != nullptr) read = epochs_.Read(tenant, *number, *next_root_);
    JALON_ASSIGN_OR_RETURN(auto key, std::move(read));
    if (!key) {
      return Fail(Code::kFailedPrecondition, "EPOCH_KEY_MISSING",
                  fmt::format("{} is a copy from before the last erasure or rotation, whose keys "
                              "open no more, or the folder of epochs is gone: use a copy made "
                              "since, and the epochs as they were last",
                              path_));
    }
    keys_.insert_or_assign(tenant, std::move(*key));
    return {};
  }

  const std::string path_;
  const EpochKeys& epochs_;
  const Secret& root_;
  const Secret* const next_root_;  // may be null
  std::map<std::string, Secret, std::less<>> keys_;
  KeyBackupFound found_;
  bool has_mark_ = false;
};

}  // namespace

Result<void> ReadKeyBackup(
    const std::string& path,
    const std::function<Result<void>(std::string row, std::string value)>& each) {
  HashedFile file(std::fopen(path.c_str(), "rb"));
  if (!file.is_open()) {
    return Fail(Code::kNotFound, "KEY_BACKUP_MISSING",
                fmt::format("{}: {}; give the folder that a copy of the keys is in", path,
                            std::strerror(errno)));
  }
  file.ForgetCached();
  std::string begins;
  if (!file.Read(kBegins.size(), &begins) || begins != kBegins) {
    return Damaged(path, "it does not begin as one");
  }
  uint64_t rows = 0;
  while (true) {
    uint16_t name_bytes = 0;
    uint32_t value_bytes = 0;
    std::string row;
    std::string value;
    if (!file.ReadNumber(&name_bytes)) return Damaged(path, "it is cut short");
    if (name_bytes == 0) break;
    if (!file.Read(name_bytes, &row) || !file.ReadNumber(&value_bytes)) {
      return Damaged(path, "it is cut short");
    }
    if (value_bytes > kValueBytesMax) return Damaged(path, "a row has no such length");
    if (!file.Read(value_bytes, &value)) return Damaged(path, "it is cut short");
    JALON_RETURN_IF_ERROR(each(std::move(row), std::move(value)));
    ++rows;
  }
  uint64_t said = 0;
  std::string hash;
  if (!file.ReadNumber(&said) || said != rows) return Damaged(path, "rows are missing");
  const std::string computed = file.HashSoFar();
  if (!file.Read(kHashBytes, &hash) || hash != computed || !file.IsAtEnd()) {
    return Damaged(path, "its bytes are not those that were written");
  }
  return {};
}

Result<KeyBackupFound> CheckKeyBackup(const std::string& path, const EpochKeys& epochs,
                                      const Secret& root, const Secret* next_root) {
  Checker checker(path, epochs, root, next_root);
  JALON_RETURN_IF_ERROR(ReadKeyBackup(path, [&](const std::string& row, const std::string& value) {
    return checker.Take(row, value);
  }));
  return checker.Found();
}

Result<KeysBackedUp> BackUpKeys(KeyStore& store, const EpochKeys& epochs, const Secret& root,
                                const std::string& folder,
                                const std::function<void(std::string_view step)>& at_step) {
  const std::string path = KeyBackupIn(folder);
  const std::string next = path + ".next";
  JALON_ASSIGN_OR_RETURN(KeysBackedUp made, WriteAll(store, next));
  if (at_step) at_step("copy written");
  const auto found = CheckKeyBackup(next, epochs, root);
  if (!found) return NotMade(path, found.error().message);
  if (found->keys != made.keys) return NotMade(path, "it does not have every key");
  if (const std::error_code failed = RenameDurably(next, path)) {
    return NotMade(path, failed.message());
  }
  made.path = path;
  if (at_step) at_step("copy verified");
  return made;
}

Result<void> CheckNoKeys(const std::string& folder) {
  std::error_code failed;
  if (!fs::exists(folder, failed)) return {};
  return Fail(Code::kAlreadyExists, "KEYS_PRESENT",
              fmt::format("{} is there: move it away first, and keep it until the server has "
                          "started on what is restored",
                          folder));
}

Result<KeyBackupFound> RestoreKeyBackup(const std::string& path, const std::string& folder,
                                        const EpochKeys& epochs, const Secret& root, Micros now,
                                        const Secret* next_root) {
  JALON_RETURN_IF_ERROR(CheckNoKeys(folder));
  JALON_ASSIGN_OR_RETURN(KeyBackupFound found, CheckKeyBackup(path, epochs, root, next_root));
  std::error_code failed;
  const std::string unborn = folder + ".restoring";
  fs::remove_all(unborn, failed);
  {
    JALON_ASSIGN_OR_RETURN(const auto store, KeyStore::Open(unborn));
    std::vector<std::pair<std::string, std::string>> rows = {
        {RootRow(), Wrap(root, RootRow(), NewKey(), now)}};
    JALON_RETURN_IF_ERROR(
        ReadKeyBackup(path, [&](std::string row, std::string value) -> Result<void> {
          if (row != MarkRow()) rows.emplace_back(std::move(row), std::move(value));
          if (rows.size() < kRowsPerWrite) return {};
          return store->WriteAs(found.mark, std::exchange(rows, {}), {});
        }));
    JALON_RETURN_IF_ERROR(store->WriteAs(found.mark, rows, {}));
  }
  if (const std::error_code moved = RenameDurably(unborn, folder)) {
    return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
                fmt::format("{}: {}; check the disk, then restore again", folder, moved.message()));
  }
  return found;
}

}  // namespace jalon::eventstore
