#include "eventstore/vault/embedded/root_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/hash.h"

namespace jalon::eventstore {
namespace {

// The file is one line: this, then the key in hexadecimal.
constexpr std::string_view kPrefix = "jalon-root-key-1:";

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

std::unexpected<Error> Missing(const std::string& path) {
  return Fail(Code::kNotFound, "ROOT_KEY_MISSING",
              fmt::format("{} is not there, but the key store is: put the root key back from where "
                          "it is kept; without it nothing sealed can be opened",
                          path));
}

Result<Secret> Create(const std::string& path) {
  Secret secret = Secret::Random();
  std::string line = std::string(kPrefix) + ToHex(secret.View()) + "\n";
  const std::error_code failed = CreateFileDurably(path, line);
  WipeBytes(line.data(), line.size());
  if (failed) {
    return Fail(Code::kInternal, "ROOT_KEY_NOT_WRITTEN",
                fmt::format("{}: {}; check that the folder exists and is writable", path,
                            failed.message()));
  }
  return secret;
}

}  // namespace

Result<Secret> LoadRootKey(const std::string& path, bool create) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.descriptor() < 0) {
    if (errno != ENOENT) {
      return Fail(Code::kInternal, "ROOT_KEY_UNREADABLE",
                  fmt::format("{}: {}; make it readable by this user", path, std::strerror(errno)));
    }
    return create ? Create(path) : Missing(path);
  }
  struct stat info{};
  if (fstat(file.descriptor(), &info) != 0 || (info.st_mode & 077) != 0) {
    return Fail(
        Code::kFailedPrecondition, "ROOT_KEY_UNSAFE",
        fmt::format("{} may be read by others: chmod 600 it, and think about who did", path));
  }
  std::string line(256, '\0');
  const ssize_t size = read(file.descriptor(), line.data(), line.size());
  line.resize(size > 0 ? static_cast<size_t>(size) : 0);
  while (line.ends_with('\n')) line.pop_back();
  std::string key;
  const bool valid = line.starts_with(kPrefix) && FromHex(line.substr(kPrefix.size()), &key) &&
                     key.size() == Secret::kBytes;
  WipeBytes(line.data(), line.size());
  if (!valid) {
    return Fail(Code::kDataLoss, "ROOT_KEY_INVALID",
                fmt::format("{} is no root key: put back the file that was there", path));
  }
  Secret secret = Secret::From(key);
  WipeBytes(key.data(), key.size());
  return secret;
}

}  // namespace jalon::eventstore
