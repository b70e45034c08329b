#include "eventstore/vault/served/standing.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "eventstore/base/durable_file.h"
#include "eventstore/vault/mirror.h"

namespace jalon::eventstore {
namespace {

using Role = Standing::Role;
using Standby = Standing::Standby;
using Keys = Standing::Keys;

constexpr std::string_view kBegins = "jalon.vault.standing.1";
constexpr std::array<std::pair<Role, std::string_view>, 3> kRoles = {
    {{Role::kServing, "serving"}, {Role::kStandby, "standby"}, {Role::kFenced, "fenced"}}};
constexpr std::array<std::pair<Standby, std::string_view>, 4> kStandbys = {
    {{Standby::kNone, "none"},
     {Standby::kAttached, "attached"},
     {Standby::kDetached, "detached"},
     {Standby::kReattaching, "reattaching"}}};
constexpr std::array<std::pair<Keys, std::string_view>, 2> kKeys = {
    {{Keys::kWhole, "whole"}, {Keys::kBehind, "behind"}}};

constexpr std::string_view kSentBegins = "jalonsnt";
// Twice, the second one inverted: a write that was cut short is no number.
constexpr size_t kSentBytes = kSentBegins.size() + 2 * sizeof(uint64_t);

std::string SentFileOf(const std::string& path) { return path + ".sent"; }

std::string EncodeSent(uint64_t write) {
  std::string bytes(kSentBegins);
  for (const uint64_t number : {write, ~write}) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  return bytes;
}

// 0 where nothing, or nothing whole, is there: then a standby that is ahead is refused, and its
// operator asked.
uint64_t ReadSent(const std::string& path) {
  std::ifstream file(SentFileOf(path), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  uint64_t write = 0;
  if (bytes.size() != kSentBytes) return 0;
  std::memcpy(&write, bytes.data() + kSentBegins.size(), sizeof write);
  return bytes == EncodeSent(write) ? write : 0;
}

// In place, in one sector.
std::error_code OverwriteSent(const std::string& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return {errno, std::generic_category()};
  const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), 0);
  const bool kept = written == static_cast<ssize_t>(bytes.size()) && ::fdatasync(file) == 0;
  const std::error_code failed(kept ? 0 : EIO, std::generic_category());
  ::close(file);
  return failed;
}

std::unexpected<Error> NotKept(const std::string& path, const std::error_code& failed) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              fmt::format("{}: {}; check that its folder is there and this user's", path,
                          failed.message()));
}

std::unexpected<Error> TermInvalid(Code code, uint64_t term, uint64_t ours, uint64_t ahead_max) {
  return Fail(code, "VAULT_TERM_INVALID",
              fmt::format("{} is no term after {}: it must be higher, by {} at most", term, ours,
                          ahead_max));
}

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

Standing::Standing(std::string path, const State& state, uint64_t sent)
    : path_(std::move(path)),
      role_(state.role),
      term_(state.term),
      standby_(state.standby),
      keys_(state.keys),
      sent_(sent) {}

Result<std::unique_ptr<Standing>> Standing::Open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return std::unique_ptr<Standing>(new Standing(path, {}, 0));
  std::string begins, role, standby, keys, more;
  uint64_t term = 0;
  const bool read = static_cast<bool>(file >> begins >> role >> term >> standby);
  const auto as_role = Named(kRoles, role);
  const auto as_standby = Named(kStandbys, standby);
  if (!(file >> keys))
    keys = WordOf(kKeys, as_role == Role::kStandby ? Keys::kBehind : Keys::kWhole);
  const auto as_keys = Named(kKeys, keys);
  const bool whole = read && !(file >> more);
  if (!whole || begins != kBegins || !as_role || !as_standby || !as_keys || term == 0) {
    return Fail(Code::kDataLoss, "VAULT_STANDING_DAMAGED",
                fmt::format("{} is damaged: nothing says whether this vault was replaced; put it "
                            "back from its copy. Remove it only if no standby of this vault was "
                            "ever promoted",
                            path));
  }
  return std::unique_ptr<Standing>(
      new Standing(path, {*as_role, term, *as_standby, *as_keys}, ReadSent(path)));
}

Result<void> Standing::Keep(const State& state) {
  if (state == Now()) return {};
  const std::error_code failed = WriteFileDurably(
      path_, fmt::format("{} {} {} {} {}\n", kBegins, WordOf(kRoles, state.role), state.term,
                         WordOf(kStandbys, state.standby), WordOf(kKeys, state.keys)));
  if (failed) return NotKept(path_, failed);
  term_ = state.term;
  standby_ = state.standby;
  keys_ = state.keys;
  role_ = state.role;
  return {};
}

void Standing::SetOnRole(std::function<void()> on_role) {
  MutexLock lock(telling_);
  on_role_ = std::move(on_role);
}

void Standing::TellRole() {
  MutexLock lock(telling_);
  if (on_role_) on_role_();
}

Result<void> Standing::BecomeStandby() {
  {
    MutexLock lock(mutex_);
    if (role_ == Role::kStandby) return {};
    JALON_RETURN_IF_ERROR(Keep({Role::kStandby, term_, Standby::kNone, Keys::kBehind}));
  }
  TellRole();
  return {};
}

Result<void> Standing::FollowTerm(uint64_t term, uint64_t ahead_max) {
  MutexLock lock(mutex_);
  State state = Now();
  if (term <= state.term) return {};
  if (term - state.term > ahead_max) {
    return TermInvalid(Code::kFailedPrecondition, term, state.term, ahead_max);
  }
  state.term = term;
  return Keep(state);
}

Result<void> Standing::SetBehind(bool behind) {
  MutexLock lock(mutex_);
  State state = Now();
  if (state.role != Role::kStandby) return {};
  state.keys = behind ? Keys::kBehind : Keys::kWhole;
  return Keep(state);
}

Result<void> Standing::Promote(std::optional<uint64_t> forced) {
  {
    MutexLock lock(mutex_);
    const State state = Now();
    if (state.role != Role::kStandby) {
      return Fail(Code::kFailedPrecondition, "VAULT_IS_NO_STANDBY",
                  "only a standby is promoted: this one is none");
    }
    if (forced && (*forced <= state.term || *forced - state.term > kTermsForcedMax)) {
      return TermInvalid(Code::kInvalidArgument, *forced, state.term, kTermsForcedMax);
    }
    if (behind() && !forced) {
      return Fail(
          Code::kFailedPrecondition, "VAULT_STANDBY_BEHIND",
          fmt::format("this standby was not given every key since it became one, or since it was "
                      "detached: start the vault, and attach it. If the vault is lost for good, "
                      "--although-behind TERM with a term above {} and above that of every vault "
                      "of these keys: what was sealed with keys that are not here stays closed, "
                      "and whom the vault erased since has keys here again: stop each node, remove "
                      "the file erasing in its data folder, and start it: it has them destroyed",
                      state.term));
    }
    JALON_RETURN_IF_ERROR(
        Keep({Role::kServing, forced.value_or(state.term + 1), Standby::kNone, Keys::kWhole}));
  }
  TellRole();
  return {};
}

Result<void> Standing::Attached() {
  MutexLock lock(mutex_);
  State state = Now();
  if (state.standby == Standby::kDetached) {
    return Fail(Code::kFailedPrecondition, "VAULT_STANDBY_DETACHED",
                "the standby was detached meanwhile");
  }
  state.standby = Standby::kAttached;
  return Keep(state);
}

Result<void> Standing::Detach() {
  MutexLock lock(mutex_);
  State state = Now();
  state.standby = Standby::kDetached;
  return Keep(state);
}

Result<void> Standing::Reattach() {
  MutexLock lock(mutex_);
  State state = Now();
  if (state.standby == Standby::kDetached) state.standby = Standby::kReattaching;
  return Keep(state);
}

Result<void> Standing::GiveAgain() {
  MutexLock lock(mutex_);
  State state = Now();
  if (state.standby == Standby::kAttached) state.standby = Standby::kReattaching;
  return Keep(state);
}

Result<void> Standing::KeepSent(uint64_t write) {
  MutexLock lock(mutex_);
  if (write == sent_) return {};
  const std::string path = SentFileOf(path_);
  std::error_code failed = OverwriteSent(path, EncodeSent(write));
  if (failed == std::errc::no_such_file_or_directory) {
    failed = WriteFileDurably(path, EncodeSent(write));
  }
  if (failed) return NotKept(path, failed);
  sent_ = write;
  return {};
}

// Where the disk fails, the process still serves nobody: the next start learns of it again.
void Standing::Fence(uint64_t seen) {
  {
    MutexLock lock(mutex_);
    State state = Now();
    if (seen <= state.term || seen - state.term > kTermsMissedMax) return;
    if (state.role != Role::kServing) return;
    state.role = Role::kFenced;
    state.term = seen;
    if (!Keep(state)) role_ = Role::kFenced;
  }
  TellRole();
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
