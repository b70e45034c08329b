#include "services/node/erasing.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/thread_name.h"
#include "jalon/event/v1/event_body.pb.h"
#include "services/node/files.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using event::v1::EventBody;
using projections::Cursor;
using projections::EventView;

constexpr std::string_view kFileBegins = "jalon.erasing.1 ";
// What counts together is destroyed together: each time the school's other keys are wrapped anew.
constexpr std::chrono::milliseconds kGather{100};
constexpr std::chrono::seconds kTryAgain{1};
constexpr std::chrono::seconds kKeepEach{60};

// None, where the file is not there or is none: all is read again.
std::vector<Cursor> ReadPlaces(const std::string& path) {
  const Result<std::string> text = ReadFile(path);
  std::string bytes;
  std::vector<Cursor> cursors;
  if (!text || !text->starts_with(kFileBegins) ||
      !FromHex(text->substr(kFileBegins.size()), &bytes) || !Decode(bytes, &cursors)) {
    return {};
  }
  return cursors;
}

}  // namespace

Result<void> ErasureFollower::Begin() {
  if (cursors_.empty()) {
    cursors_ = ReadPlaces(parts_.path);
    cursors_.resize(parts_.birth.partition_count);
    for (uint32_t p = 0; p < cursors_.size(); ++p) {
      Cursor& cursor = cursors_[p];
      const bool goes_on =
          cursor.log_incarnation == parts_.birth.log_incarnation &&
          eventstore::CheckAnchor(parts_.log, Partition{p}, cursor.head).has_value();
      if (!goes_on) cursor = {};  // another life of the log
    }
  }
  std::vector<eventstore::Start> starts;
  starts.reserve(cursors_.size());
  for (uint32_t p = 0; p < cursors_.size(); ++p) {
    starts.push_back({Partition{p}, cursors_[p].Next()});
  }
  JALON_ASSIGN_OR_RETURN(follower_, parts_.log.Follow(std::move(starts), parts_.wake));
  return {};
}

Result<void> ErasureFollower::Take(const eventstore::StoredEntry& entry) {
  Cursor& cursor = cursors_[entry.partition.value];
  JALON_ASSIGN_OR_RETURN(const auto frame, projections::CountEntry(cursor, entry.partition,
                                                                   entry.offset, *entry.bytes));
  if (!frame || frame->kind != eventstore::EntryFrame::Kind::kRecord) return {};
  const bool whole = projections::ForEachEvent(*frame, entry.offset, [&](const EventView& event) {
    if (event.type == EventBody::kPersonKeyDestroyed) {
      pending_[Bytes(event.tenant)].insert(Bytes(event.aggregate));
    }
    return true;
  });
  if (!whole) return projections::Stopped(entry.partition, entry.offset, "holds a malformed event");
  return {};
}

// A tenant at a time, so that one that is done is not asked for again.
Result<void> ErasureFollower::Destroy() {
  while (!pending_.empty()) {
    auto& [tenant, persons] = *pending_.begin();
    std::vector<Bytes> asked;
    for (const Bytes& person : persons) {
      if (asked.size() == eventstore::kPersonsPerCallMax) break;
      asked.push_back(person);
    }
    JALON_RETURN_IF_ERROR(parts_.vault.DestroyPersonKeys(tenant, asked));
    destroyed_ += asked.size();
    for (const Bytes& person : asked) persons.erase(person);
    if (persons.empty()) pending_.erase(pending_.begin());
  }
  return {};
}

Result<bool> ErasureFollower::Step() {
  if (!pending_.empty()) {  // what failed before
    JALON_RETURN_IF_ERROR(Destroy());
    JALON_RETURN_IF_ERROR(Keep());
  }
  if (follower_ == nullptr) JALON_RETURN_IF_ERROR(Begin());
  auto entries = follower_->Poll({});
  if (!entries) {
    follower_.reset();  // begins again where it is
    return std::unexpected(std::move(entries).error());
  }
  for (const eventstore::StoredEntry& entry : *entries) JALON_RETURN_IF_ERROR(Take(entry));
  if (!pending_.empty()) {
    JALON_RETURN_IF_ERROR(Destroy());
    JALON_RETURN_IF_ERROR(Keep());
  }
  return !entries->empty();
}

Result<void> ErasureFollower::Keep() {
  if (cursors_.empty() || !pending_.empty()) return {};
  std::string bytes;
  Encode(cursors_, &bytes);
  const std::error_code failed =
      WriteFileDurably(parts_.path, std::string(kFileBegins) + ToHex(bytes));
  if (!failed) return {};
  return Fail(Code::kUnavailable, "ERASURES_NOT_KEPT",
              parts_.path + ": " + failed.message() + "; check the disk");
}

void Erasing::Bell::Ring() {
  {
    MutexLock lock(mutex);
    if (ringing) return;
    ringing = true;
  }
  rung.notify_one();
}

Erasing::Erasing(Parts parts)
    : parts_(std::move(parts)),
      follower_({.log = parts_.log,
                 .birth = parts_.birth,
                 .vault = parts_.vault,
                 .path = parts_.path,
                 .wake = [bell = bell_] { bell->Ring(); }}) {}

std::unique_ptr<Erasing> Erasing::Begin(DataFolder& folder, eventstore::Vault& vault,
                                        const Clock& clock,
                                        std::function<void(const Error&)> on_fault) {
  auto erasing = std::make_unique<Erasing>(Parts{.log = folder.log(),
                                                 .birth = folder.birth(),
                                                 .vault = vault,
                                                 .path = folder.Erasing(),
                                                 .clock = clock,
                                                 .on_fault = std::move(on_fault)});
  erasing->Start();
  return erasing;
}

void Erasing::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Erasing::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    MutexLock lock(bell_->mutex);  // it may be about to wait
  }
  bell_->rung.notify_all();
  thread_.join();
}

void Erasing::Wait(const std::stop_token& stop, Micros time) {
  Bell& bell = *bell_;
  MutexLock lock(bell.mutex);
  lock.WaitFor(bell.rung, time,
               [&]() JALON_REQUIRES(bell.mutex) { return bell.ringing || stop.stop_requested(); });
  bell.ringing = false;
}

void Erasing::Pause(const std::stop_token& stop, Micros time) {
  MutexLock lock(bell_->mutex);
  lock.WaitFor(bell_->rung, time, [&] { return stop.stop_requested(); });
}

void Erasing::Run(const std::stop_token& stop) {
  NameThread("erasing");
  while (!stop.stop_requested()) {
    if (!Turn(stop)) return;
  }
  if (const Result<void> kept = follower_.Keep(); !kept) {
    LogError("how far erasures are is not kept: the next start looks again", kept.error());
  }
}

bool Erasing::Turn(const std::stop_token& stop) {
  const size_t before = follower_.destroyed();
  const Micros began = parts_.clock.Monotonic();
  Result<bool> stepped = follower_.Step();
  if (stepped && began >= keep_at_) {
    keep_at_ = began + kKeepEach;
    if (const Result<void> kept = follower_.Keep(); !kept) stepped = std::unexpected(kept.error());
  }
  if (const size_t destroyed = follower_.destroyed() - before; destroyed > 0) {
    const Micros took = parts_.clock.Monotonic() - began;
    Log(Level::kInfo, "keys of erased persons are destroyed",
        {{"keys", uint64_t{destroyed}}, {"dur_ms", static_cast<int64_t>(took.count() / 1000)}});
  }
  if (!stepped && stepped.error().code == Code::kDataLoss) {
    parts_.on_fault(stepped.error());
    return false;
  }
  if (!stepped && !told_trouble_) {
    LogError("keys of erased persons are not destroyed yet; it is tried again", stepped.error());
  }
  told_trouble_ = !stepped;
  if (!stepped) {
    Pause(stop, kTryAgain);
  } else if (!*stepped) {
    Wait(stop, kKeepEach);
    Pause(stop, kGather);  // lets more gather
  }
  return true;
}

}  // namespace jalon::node
