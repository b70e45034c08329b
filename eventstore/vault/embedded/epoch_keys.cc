#include "eventstore/vault/embedded/epoch_keys.h"

#include <fmt/format.h>

#include <algorithm>
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

constexpr std::string_view kNext = ".next";  // as durable_file.h names what it writes

std::unexpected<Error> Unavailable(const std::string& path, const std::string& why) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              fmt::format("{}: {}; check the disk, then start again", path, why));
}

// The number in a file's name; none if it is no such name.
std::optional<uint32_t> NumberIn(std::string_view name) {
  const size_t dot = name.find('.');
  std::string tenant;
  if (dot == name.npos || !FromHex(std::string(name.substr(0, dot)), &tenant)) return std::nullopt;
  if (tenant.size() != sizeof(Hash)) return std::nullopt;
  uint32_t number = 0;
  const char* last = name.data() + name.size();
  const auto read = std::from_chars(name.data() + dot + 1, last, number);
  if (read.ec != std::errc() || read.ptr != last) return std::nullopt;
  return number;
}

std::unexpected<Error> NoSuchName(std::string_view name) {
  return Fail(Code::kInvalidArgument, "VAULT_CALL_INVALID",
              fmt::format("{} is no name of an epoch's file: both vaults are of one version?",
                          ToHex(name)));
}

}  // namespace

std::string EpochKeys::NameOf(std::string_view tenant) { return ToHex(View(Sha256(tenant))); }

// What the wrapped bytes are bound to.
std::string EpochKeys::PlaceOf(std::string_view tenant, uint32_t number) {
  return EpochRow(tenant).append(EpochBytes(number));
}

std::string EpochKeys::PathOf(std::string_view tenant, uint32_t number) const {
  return fmt::format("{}/{}.{}", folder_, NameOf(tenant), number);
}

Result<std::optional<Secret>> EpochKeys::Read(std::string_view tenant, uint32_t number,
                                              const Secret& root) const {
  const std::string name = fmt::format("{}.{}", NameOf(tenant), number);
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, ReadFile(name));
  if (!value) return std::nullopt;
  auto wrapped = Unwrap(root, PlaceOf(tenant, number), *value);
  if (!wrapped) {
    return Unavailable(PathOf(tenant, number),
                       "does not open with the root key: it or the root key was changed");
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

Result<void> EpochKeys::EraseLeft() const {
  std::vector<std::string> left;
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(kNext) && NumberIn(name.substr(0, name.size() - kNext.size()))) {
      left.push_back(at->path().string());
    }
  }
  if (failed) return Unavailable(folder_, failed.message());
  for (const std::string& path : left) {
    if ((failed = EraseFileDurably(path))) return Unavailable(path, failed.message());
  }
  return {};
}

Result<void> EpochKeys::Keep(std::string_view tenant, uint32_t number, const Secret& key,
                             const Secret& root, Micros now) {
  const PersonKey named{.id = std::string(Secret::Random().View().substr(0, 8)),
                        .secret = key.Clone()};
  return KeepFile(fmt::format("{}.{}", NameOf(tenant), number),
                  Wrap(root, PlaceOf(tenant, number), named, now));
}

Result<void> EpochKeys::Destroy(std::string_view tenant, uint32_t number) {
  return DestroyFile(fmt::format("{}.{}", NameOf(tenant), number));
}

Result<std::optional<std::string>> EpochKeys::ReadFile(const std::string& name) const {
  if (!NumberIn(name)) return NoSuchName(name);
  const std::string path = folder_ + "/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int error = errno;
    if (error == ENOENT) return std::nullopt;
    return Unavailable(path, std::strerror(error));
  }
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

Result<void> EpochKeys::KeepFile(const std::string& name, std::string_view value) {
  if (!NumberIn(name)) return NoSuchName(name);
  if (mirror_ != nullptr) JALON_RETURN_IF_ERROR(mirror_->KeepEpoch(name, value));
  JALON_RETURN_IF_ERROR(MakeFolder());
  const std::string path = folder_ + "/" + name;
  const std::error_code failed = WriteFileDurably(path, value);
  if (failed) return Unavailable(path, failed.message());
  return {};
}

Result<void> EpochKeys::DestroyFile(const std::string& name) {
  if (!NumberIn(name)) return NoSuchName(name);
  if (mirror_ != nullptr) JALON_RETURN_IF_ERROR(mirror_->DestroyEpoch(name));
  const std::string path = folder_ + "/" + name;
  const std::error_code failed = EraseFileDurably(path);
  if (failed) return Unavailable(path, failed.message());
  return {};
}

Result<std::vector<std::string>> EpochKeys::Names() const {
  std::vector<std::string> names;
  std::error_code failed;
  if (!fs::exists(folder_, failed)) return names;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end;
       at.increment(failed)) {
    std::string name = at->path().filename().string();
    if (NumberIn(name)) names.push_back(std::move(name));  // else what a crash left half written
  }
  if (failed) return Unavailable(folder_, failed.message());
  std::ranges::sort(names);
  return names;
}

Result<std::map<std::string, std::vector<uint32_t>>> EpochKeys::All() const {
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> names, Names());
  std::map<std::string, std::vector<uint32_t>> all;
  for (const std::string& name : names) {
    all[name.substr(0, name.find('.'))].push_back(*NumberIn(name));
  }
  return all;
}

}  // namespace jalon::eventstore
