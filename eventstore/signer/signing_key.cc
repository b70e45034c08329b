#include "eventstore/signer/signing_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"

namespace jalon::eventstore {
namespace {

// The file is one line: this, then the seed in hexadecimal.
constexpr std::string_view kPrefix = "jalon-signing-key-1:";
constexpr size_t kLineBytesMax = 256;

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

std::string_view View(const trail::Seed& seed) {
  return {reinterpret_cast<const char*>(seed.data()), seed.size()};
}

}  // namespace

SigningKey::~SigningKey() { sodium_memzero(seed_.data(), seed_.size()); }

SigningKey SigningKey::Random() {
  trail::Seed seed;
  FillRandom(seed.data(), seed.size());
  const SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

trail::SignerKey SigningKey::Of(const std::string& origin) const {
  return {origin, trail::KeyType::kLog, seed_};
}

Result<SigningKey> LoadSigningKey(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
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
  if (fstat(file.descriptor(), &info) != 0 || (info.st_mode & 077) != 0) {
    return Fail(
        Code::kFailedPrecondition, "SIGNER_KEY_UNSAFE",
        fmt::format("{} may be read by others: chmod 600 it, and think about who did", path));
  }
  std::string line(kLineBytesMax, '\0');
  const ssize_t size = read(file.descriptor(), line.data(), line.size());
  line.resize(size > 0 ? static_cast<size_t>(size) : 0);
  if (line.ends_with('\n')) line.pop_back();
  std::string bytes;
  trail::Seed seed{};
  const bool valid = line.starts_with(kPrefix) && FromHex(line.substr(kPrefix.size()), &bytes) &&
                     bytes.size() == seed.size();
  sodium_memzero(line.data(), line.size());
  if (!valid) {
    return Fail(Code::kDataLoss, "SIGNER_KEY_INVALID",
                fmt::format("{} is no signing key: put back the file that was there", path));
  }
  std::copy(bytes.begin(), bytes.end(), seed.begin());
  SigningKey key(seed);
  sodium_memzero(bytes.data(), bytes.size());
  sodium_memzero(seed.data(), seed.size());
  return key;
}

Result<void> CreateSigningKey(const std::string& path, const SigningKey& key) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path folder = fs::path(path).parent_path();
  for (const fs::path& made : {folder.parent_path(), folder}) {
    if (failed || !fs::create_directories(made, failed)) continue;
    fs::permissions(made, fs::perms::owner_all, failed);
    const fs::path above = made.parent_path();
    if (!failed) failed = SyncFolder(above.empty() ? "." : above.string());
  }
  if (!failed) {
    std::string line = std::string(kPrefix) + ToHex(View(key.seed_)) + "\n";
    failed = CreateFileDurably(path, line);
    sodium_memzero(line.data(), line.size());
  }
  if (failed == std::errc::file_exists) {
    return Fail(Code::kAlreadyExists, "ALREADY_EXISTS",
                fmt::format("{} is already there, and is left as it is: whoever has checked a "
                            "trail knows its public half",
                            path));
  }
  if (failed) {
    return Fail(Code::kInternal, "SIGNER_KEY_NOT_WRITTEN",
                fmt::format("{}: {}; check that its folder is writable", path, failed.message()));
  }
  return {};
}

}  // namespace jalon::eventstore
