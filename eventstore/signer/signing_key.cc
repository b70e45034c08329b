#include "eventstore/signer/signing_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/random.h"

namespace jalon::eventstore {
namespace {

// The file is one line: this, then the seed in hexadecimal.
constexpr std::string_view kPrefix = "jalon-signing-key-1:";
constexpr size_t kHexBytes = 2 * sizeof(trail::Seed);
constexpr size_t kLineBytes = kPrefix.size() + kHexBytes + 1;
constexpr size_t kLineBytesMax = 256;  // read, so that what is longer is no key

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// The line of a seed, and back. Nothing here leaves a copy of it that nobody wipes: libsodium works
// in place.
std::array<char, kLineBytes + 1> LineOf(const trail::Seed& seed) {
  std::array<char, kLineBytes + 1> line{};  // with a terminating zero, which libsodium writes
  char* const hex = std::ranges::copy(kPrefix, line.begin()).out;
  sodium_bin2hex(hex, kHexBytes + 1, seed.data(), seed.size());
  line[kLineBytes - 1] = '\n';
  return line;
}

bool ReadSeed(std::string_view line, trail::Seed* seed) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (!line.starts_with(kPrefix)) return false;
  line.remove_prefix(kPrefix.size());
  size_t bytes = 0;
  return line.size() == kHexBytes &&
         sodium_hex2bin(seed->data(), seed->size(), line.data(), line.size(), nullptr, &bytes,
                        nullptr) == 0 &&
         bytes == seed->size();
}

std::unexpected<Error> NoKey(const std::string& path) {
  return Fail(Code::kDataLoss, "SIGNER_KEY_INVALID",
              fmt::format("{} is no signing key: put back the file that was there", path));
}

std::unexpected<Error> NotWritten(const std::string& path, const std::error_code& why) {
  return Fail(Code::kInternal, "SIGNER_KEY_NOT_WRITTEN",
              fmt::format("{}: {}; check that its folder is writable", path, why.message()));
}

}  // namespace

SigningKey::SigningKey(const trail::Seed& seed)
    : seed_(seed), key_("any", trail::KeyType::kLog, seed) {}

SigningKey::~SigningKey() { sodium_memzero(seed_.data(), seed_.size()); }

SigningKey SigningKey::Random() {
  trail::Seed seed;
  FillRandom(seed.data(), seed.size());
  const SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

trail::SignerKey SigningKey::Of(const std::string& origin) const {
  return key_.Named(origin);
}

trail::VerifierKey SigningKey::VerifierOf(const std::string& origin) const {
  return trail::MakeVerifierKey(origin, trail::KeyType::kLog, PublicKey());
}

Result<SigningKey> LoadSigningKey(const std::string& path) {
  // Not waiting: a pipe in its place would never be opened.
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.descriptor() < 0 && errno == ENOENT) {
    return Fail(Code::kNotFound, "SIGNER_KEY_MISSING",
                fmt::format("{} is not there: put the deployment's signing key there, or make the "
                            "first one with 'jalon signer init'",
                            path));
  }
  if (file.descriptor() < 0) {
    return Fail(Code::kInternal, "SIGNER_KEY_UNREADABLE",
                fmt::format("{}: {}; make it readable by this user", path, std::strerror(errno)));
  }
  struct stat info{};
  const bool is_known = fstat(file.descriptor(), &info) == 0;
  if (is_known && !S_ISREG(info.st_mode)) return NoKey(path);
  if (!is_known || (info.st_mode & 077) != 0) {
    return Fail(
        Code::kFailedPrecondition, "SIGNER_KEY_UNSAFE",
        fmt::format("{} may be read by others: chmod 600 it, and think about who did", path));
  }
  std::array<char, kLineBytesMax> line{};
  trail::Seed seed{};
  const ssize_t size = read(file.descriptor(), line.data(), line.size());
  const bool is_key =
      size > 0 && ReadSeed(std::string_view(line.data(), static_cast<size_t>(size)), &seed);
  std::optional<SigningKey> key;
  if (is_key) key.emplace(seed);
  sodium_memzero(line.data(), line.size());
  sodium_memzero(seed.data(), seed.size());
  if (!key) return NoKey(path);
  return *std::move(key);
}

Result<void> MakeSignerFolder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  for (const fs::path& made : {fs::path(folder).parent_path(), fs::path(folder)}) {
    if (failed || !fs::create_directories(made, failed)) continue;
    fs::permissions(made, fs::perms::owner_all, failed);
    const fs::path above = made.parent_path();
    if (!failed) failed = SyncFolder(above.empty() ? "." : above.string());
  }
  if (failed) return NotWritten(folder, failed);
  return {};
}

Result<void> CreateSigningKey(const std::string& path, const SigningKey& key) {
  JALON_RETURN_IF_ERROR(MakeSignerFolder(std::filesystem::path(path).parent_path().string()));
  auto line = LineOf(key.seed_);
  const std::error_code failed = CreateFileDurably(path, {line.data(), kLineBytes});
  sodium_memzero(line.data(), line.size());
  if (failed == std::errc::file_exists) {
    return Fail(Code::kAlreadyExists, "ALREADY_EXISTS",
                fmt::format("{} is already there, and is left as it is: whoever has checked a "
                            "trail knows its public half",
                            path));
  }
  if (failed) return NotWritten(path, failed);
  return {};
}

}  // namespace jalon::eventstore
