#include "eventstore/vault/served/standing.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "eventstore/base/durable_file.h"
#include "eventstore/vault/mirror.h"

namespace jalon::eventstore {
namespace {

using Role = Standing::Role;
using Standby = Standing::Standby;

constexpr std::string_view kBegins = "jalon.vault.standing.1";
constexpr std::array<std::pair<Role, std::string_view>, 3> kRoles = {
    {{Role::kServing, "serving"}, {Role::kStandby, "standby"}, {Role::kFenced, "fenced"}}};
constexpr std::array<std::pair<Standby, std::string_view>, 3> kStandbys = {
    {{Standby::kNone, "none"}, {Standby::kAttached, "attached"}, {Standby::kDetached, "detached"}}};

template <typename Table, typename Value>
std::string_view WordOf(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  return {};
}

template <typename Value, size_t kSize>
std::optional<Value> Named(const std::array<std::pair<Value, std::string_view>, kSize>& table,
                           std::string_view word) {
  for (const auto& [value, known] : table) {
    if (known == word) return value;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Standing>> Standing::Open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) {
    return std::unique_ptr<Standing>(new Standing(path, Role::kServing, 1, Standby::kNone));
  }
  std::string begins, role, standby, more;
  uint64_t term = 0;
  const bool read = static_cast<bool>(file >> begins >> role >> term >> standby) && !(file >> more);
  const auto as_role = Named(kRoles, role);
  const auto as_standby = Named(kStandbys, standby);
  if (!read || begins != kBegins || !as_role || !as_standby || term == 0) {
    return Fail(Code::kDataLoss, "VAULT_STANDING_DAMAGED",
                fmt::format("{} is damaged: nothing says whether this vault was replaced; put it "
                            "back from its copy. Remove it only if no standby of this vault was "
                            "ever promoted",
                            path));
  }
  return std::unique_ptr<Standing>(new Standing(path, *as_role, term, *as_standby));
}

Result<void> Standing::Keep(Role role, uint64_t term, Standby standby) {
  if (role == role_ && term == term_ && standby == standby_) return {};
  const std::error_code failed =
      WriteFileDurably(path_, fmt::format("{} {} {} {}\n", kBegins, WordOf(kRoles, role), term,
                                          WordOf(kStandbys, standby)));
  if (failed) {
    return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
                fmt::format("{}: {}; check that its folder is there and this user's", path_,
                            failed.message()));
  }
  term_ = term;
  standby_ = standby;
  role_ = role;
  return {};
}

Result<void> Standing::BecomeStandby() {
  {
    MutexLock lock(mutex_);
    JALON_RETURN_IF_ERROR(Keep(Role::kStandby, term_, Standby::kNone));
  }
  if (on_role) on_role();
  return {};
}

Result<void> Standing::FollowTerm(uint64_t term) {
  MutexLock lock(mutex_);
  return term <= term_ ? Result<void>() : Keep(role_, term, standby_);
}

Result<void> Standing::Promote() {
  {
    MutexLock lock(mutex_);
    if (role_ != Role::kStandby) {
      return Fail(Code::kFailedPrecondition, "VAULT_IS_NO_STANDBY",
                  "only a standby is promoted: this one is none");
    }
    JALON_RETURN_IF_ERROR(Keep(Role::kServing, term_ + 1, Standby::kNone));
  }
  if (on_role) on_role();
  return {};
}

Result<void> Standing::SetStandby(Standby standby) {
  MutexLock lock(mutex_);
  return Keep(role_, term_, standby);
}

// Where the disk fails, the process still serves nobody: the next start learns of it again.
void Standing::Fence(uint64_t seen) {
  {
    MutexLock lock(mutex_);
    if (seen <= term_ || role_ != Role::kServing) return;
    if (!Keep(Role::kFenced, term_, standby_)) role_ = Role::kFenced;
  }
  if (on_role) on_role();
}

Result<void> Standing::MayServe() const {
  switch (role_.load()) {
    case Role::kServing:
      return {};
    case Role::kStandby:
      return Fail(Code::kUnavailable, "VAULT_IS_STANDBY",
                  "this is the standby of the vault: give nodes the vault's address, or promote "
                  "this one if the vault is lost");
    case Role::kFenced:
      break;
  }
  return Fail(Code::kUnavailable, std::string(kVaultFenced),
              "the standby of this vault was promoted in its place: give nodes that one's address, "
              "and start this one with --standby-of");
}

}  // namespace jalon::eventstore
