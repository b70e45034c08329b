#include "eventstore/vault/embedded/epoch_keys.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/hash.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> Unavailable(const std::string& path, const std::string& why) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              fmt::format("{}: {}; check the disk, then start again", path, why));
}

// What the wrapped bytes are bound to.
std::string Place(std::string_view tenant, uint32_t number) {
  return EpochRow(tenant).append(EpochBytes(number));
}

}  // namespace

std::string EpochKeys::NameOf(std::string_view tenant) { return ToHex(View(Sha256(tenant))); }

std::string EpochKeys::PathOf(std::string_view tenant, uint32_t number) const {
  return fmt::format("{}/{}.{}", folder_, NameOf(tenant), number);
}

Result<std::optional<Secret>> EpochKeys::Read(std::string_view tenant, uint32_t number,
                                              const Secret& root) const {
  const std::string path = PathOf(tenant, number);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int error = errno;
    if (error == ENOENT) return std::nullopt;
    return Unavailable(path, std::strerror(error));
  }
  const std::string value((std::istreambuf_iterator<char>(file)), {});
  auto wrapped = Unwrap(root, Place(tenant, number), value);
  if (!wrapped) {
    return Unavailable(path, "does not open with the root key: it or the root key was changed");
  }
  return std::move(wrapped->key.secret);
}

Result<void> EpochKeys::MakeFolder() const {
  std::error_code failed;
  if (fs::create_directories(folder_, failed)) {
    fs::permissions(folder_, fs::perms::owner_all, failed);
    const std::string above = fs::path(folder_).parent_path().string();
    if (!failed) failed = SyncFolder(above.empty() ? "." : above);
  }
  if (failed) return Unavailable(folder_, failed.message());
  return {};
}

Result<void> EpochKeys::Keep(std::string_view tenant, uint32_t number, const Secret& key,
                             const Secret& root, Micros now) {
  JALON_RETURN_IF_ERROR(MakeFolder());
  const PersonKey named{.id = std::string(Secret::Random().View().substr(0, 8)),
                        .secret = key.Clone()};
  const std::string path = PathOf(tenant, number);
  const std::error_code failed =
      WriteFileDurably(path, Wrap(root, Place(tenant, number), named, now));
  if (failed) return Unavailable(path, failed.message());
  return {};
}

Result<void> EpochKeys::Destroy(std::string_view tenant, uint32_t number) {
  const std::string path = PathOf(tenant, number);
  const std::error_code failed = EraseFileDurably(path);
  if (failed) return Unavailable(path, failed.message());
  return {};
}

Result<std::map<std::string, std::vector<uint32_t>>> EpochKeys::All() const {
  std::map<std::string, std::vector<uint32_t>> all;
  std::error_code failed;
  if (!fs::exists(folder_, failed)) return all;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    const size_t dot = name.find('.');
    if (dot == std::string::npos) continue;
    uint32_t number = 0;
    const char* last = name.data() + name.size();
    const auto read = std::from_chars(name.data() + dot + 1, last, number);
    if (read.ec != std::errc() || read.ptr != last) continue;  // what a crash left half written
    all[name.substr(0, dot)].push_back(number);
  }
  if (failed) return Unavailable(folder_, failed.message());
  return all;
}

}  // namespace jalon::eventstore
