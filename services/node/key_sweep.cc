#include "services/node/key_sweep.h"

#include "eventstore/base/thread_name.h"
#include "eventstore/writer/state_keys.h"
#include "services/api/transfer/desk.h"
#include "services/domain/model/keys.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using domain::RowKind;

constexpr std::chrono::hours kRoundEach{24};
constexpr std::chrono::seconds kLookAgain{1};

}  // namespace

Result<bool> RowsReflect(eventstore::StateStore& state, const std::vector<Seq>& heads) {
  for (uint32_t i = 0; i < heads.size(); ++i) {
    if (heads[i].value == 0) continue;  // nothing but claims
    JALON_ASSIGN_OR_RETURN(const auto checkpoint, state.Checkpoint(Partition{i}));
    if (!checkpoint || checkpoint->head.seq < heads[i]) return false;
  }
  return true;
}

Result<size_t> SweepKeys(eventstore::Vault& vault, eventstore::StateStore& state,
                         const api::Placement& placement, Micros made_before) {
  Result<void> readable;
  const auto is_named = [&](std::string_view school_id, std::string_view person_id) {
    if (person_id == transfer::kKeyHolder) return true;  // the school's own, for transfers
    const Partition partition = placement.PartitionOf(school_id);
    for (const RowKind kind : {RowKind::kStudent, RowKind::kPerson}) {
      const auto row = state.Get(
          partition, eventstore::StoredRowKey(domain::RowKey(school_id, kind, person_id)));
      if (!row && readable) readable = std::unexpected(row.error());
      if (!row || *row) return true;
    }
    return false;
  };
  JALON_ASSIGN_OR_RETURN(const size_t swept, vault.Sweep(made_before, is_named));
  JALON_RETURN_IF_ERROR(readable);
  return swept;
}

void KeySweep::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void KeySweep::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    MutexLock lock(mutex_);  // it may be about to wait
  }
  wake_.notify_all();
  thread_.join();
}

bool KeySweep::Wait(const std::stop_token& stop, Micros time) {
  MutexLock lock(mutex_);
  lock.WaitFor(wake_, time, [&] { return stop.stop_requested(); });
  return !stop.stop_requested();
}

void KeySweep::Run(const std::stop_token& stop) {
  NameThread("key-sweep");
  while (!stop.stop_requested()) {
    const Result<bool> done = Round(stop);
    if (!done) LogError("keys were not swept; it is tried again", done.error());
    if (!Wait(stop, done && !*done ? Micros(kLookAgain) : Micros(kRoundEach))) return;
  }
}

Result<bool> KeySweep::Round(const std::stop_token& stop) {
  const auto heads = parts_.heads();
  if (!heads) return false;
  const Micros began = parts_.clock.Wall();
  while (true) {
    JALON_ASSIGN_OR_RETURN(const bool reflected, RowsReflect(parts_.state, *heads));
    if (reflected) break;
    if (!Wait(stop, kLookAgain)) return false;
  }
  JALON_ASSIGN_OR_RETURN(const size_t swept,
                         SweepKeys(parts_.vault, parts_.state, parts_.placement,
                                   round_began_ - eventstore::kUnnamedKeysKept));
  round_began_ = began;
  Log(Level::kInfo, "swept keys that no event names", {{"keys", uint64_t{swept}}});
  return true;
}

}  // namespace jalon::node
