#include "services/access/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <numeric>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/random.h"
#include "eventstore/base/thread_name.h"

namespace jalon::access {
namespace {

constexpr size_t kLifeBytes = 8;
constexpr size_t kLinkBytesMax = 48;  // of an entry: its number, and what it names before it

int64_t Micro(std::chrono::days days) { return std::chrono::duration_cast<Micros>(days).count(); }

bool IsNobody(const v1::AccessEntry& entry) {
  return entry.kind() == v1::ACCESS_KIND_REFUSAL && entry.person_id().empty();
}

// Whoever may call can make as many of these as they like.
bool IsAtWill(v1::AccessKind kind) {
  return kind == v1::ACCESS_KIND_REFUSAL || kind == v1::ACCESS_KIND_EXPORT;
}

}  // namespace

AccessLog::AccessLog(Parts parts) : parts_(std::move(parts)), life_(RandomBytes(kLifeBytes)) {}

AccessLog::~AccessLog() {
  Stop();
  if (file_ >= 0) ::close(file_);
}

Result<std::unique_ptr<AccessLog>> AccessLog::Open(Parts parts) {
  std::unique_ptr<AccessLog> log(new AccessLog(std::move(parts)));
  JALON_RETURN_IF_ERROR(log->Load());
  return log;
}

void AccessLog::Start() {
  v1::AccessEntry opened;
  opened.set_kind(v1::ACCESS_KIND_OPENED);
  Note(std::move(opened));
  thread_ = std::jthread([this] { Run(); });
}

void AccessLog::Stop() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AccessLog::Note(v1::AccessEntry entry) {
  entry.set_at(parts_.clock.Wall().count());
  {
    MutexLock lock(mutex_);
    if (ending_) return;
    if (IsNobody(entry) || queue_.size() >= kNotedMax ||
        (IsAtWill(entry.kind()) && !TakeRoom(entry))) {
      ++counted_;
      return;
    }
    queue_.push_back({std::move(entry), {}});
    if (queue_.size() > 1) return;
  }
  wake_.notify_one();
}

bool AccessLog::TakeRoom(const v1::AccessEntry& entry) {
  const int64_t day = entry.at() / Micro(std::chrono::days(1));
  if (day != day_) {
    day_ = day;
    noted_bytes_ = 0;
    noted_by_.clear();
  }
  const size_t bytes = kEntryHeadBytes + kLinkBytesMax + entry.ByteSizeLong();
  if (noted_bytes_ + bytes > parts_.bounds.noted_bytes_a_day_max) return false;
  uint32_t& noted = noted_by_[entry.person_id() + static_cast<char>(entry.kind())];
  if (noted >= kNotedPerPersonADayMax) return false;
  ++noted;
  noted_bytes_ += bytes;
  return true;
}

void AccessLog::Record(v1::AccessEntry entry, Done done) {
  entry.set_at(parts_.clock.Wall().count());
  {
    MutexLock lock(mutex_);
    if (!ending_ && queue_.size() < kQueuedMax) {
      queue_.push_back({std::move(entry), std::move(done)});
      if (queue_.size() > 1) return;
      wake_.notify_one();
      return;
    }
  }
  done(Fail(Code::kUnavailable, "ACCESS_LOG_UNAVAILABLE",
            "too much waits for the access log: ask again a little later"));
}

void AccessLog::Run() {
  NameThread("access log");
  for (bool ended = false; !ended;) {
    std::deque<Waiting> batch;
    uint64_t counted = 0;
    {
      MutexLock lock(mutex_);
      lock.WaitFor(wake_, kSyncEvery,
                   [this]() JALON_REQUIRES(mutex_) { return ending_ || !queue_.empty(); });
      batch.swap(queue_);
      ended = ending_;
      const Micros now = parts_.clock.Monotonic();
      if (counted_ > 0 && (ended || counted_at_ == Micros() || now - counted_at_ >= kCountEvery)) {
        counted = std::exchange(counted_, 0);
        counted_at_ = now;
      }
    }
    if (!batch.empty() || counted > 0) Append(std::move(batch), counted);
    if (dirty_ && (ended || parts_.clock.Monotonic() - synced_at_ >= kSyncEvery)) Tell(Sync());
    if (lost_ || !IsAgeDue()) continue;
    if (const Result<void> dropped = DropOldest(last_at_, /*by_age=*/true); !dropped) Tell(dropped);
  }
}

// All of a batch is appended, or nothing.
void AccessLog::Append(std::deque<Waiting> batch, uint64_t counted) {
  if (counted > 0) {
    v1::AccessEntry entry;
    entry.set_at(parts_.clock.Wall().count());
    entry.set_kind(v1::ACCESS_KIND_REFUSALS_COUNTED);
    entry.set_count(counted);
    batch.push_back({std::move(entry), {}});
  }
  Result<void> written;
  if (lost_) {
    written = std::unexpected(*lost_);
  } else {
    written = BeginSegment(batch.front().entry.at());
  }
  Link last = last_;
  std::string bytes;
  for (Waiting& waiting : batch) {
    waiting.entry.set_seq(last.seq + 1);
    waiting.entry.set_previous(std::string(View(last.hash)));
    last = {waiting.entry.seq(), AppendEntry(waiting.entry, &bytes)};
  }
  if (written) written = Write(bytes);
  if (written) {
    last_ = last;
    last_at_ = batch.back().entry.at();
  }
  Tell(written);
  uint64_t lost = 0;
  for (Waiting& waiting : batch) {
    if (waiting.done) {
      waiting.done(written);
    } else if (!written) {
      lost += std::max<uint64_t>(waiting.entry.count(), 1);
    }
  }
  if (lost == 0) return;
  MutexLock lock(mutex_);
  counted_ += lost;  // told once it can be
}

Result<void> AccessLog::Write(const std::string& bytes) {
  size_t before = 0;
  {
    MutexLock lock(mutex_);
    before = segments_.back().bytes;
  }
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::pwrite(file_, bytes.data() + done, bytes.size() - done,
                                     static_cast<off_t>(before + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = errno;
      // What comes next is written over it; a reader stops where the last whole batch ends.
      if (::ftruncate(file_, static_cast<off_t>(before)) != 0) {
        return Unavailable(parts_.folder + " (cut back)", errno);
      }
      return Unavailable(parts_.folder, error);
    }
    done += static_cast<size_t>(written);
  }
  dirty_ = true;
  MutexLock lock(mutex_);
  segments_.back().bytes = before + bytes.size();
  return {};
}

Result<void> AccessLog::BeginSegment(int64_t now) {
  {
    MutexLock lock(mutex_);
    if (file_ >= 0) {
      Segment& last = segments_.back();
      if (last.bytes == 0) last.begun_at = now;
      // Also where the clock went back as far: each file has its own time.
      const bool is_old = std::abs(now - last.begun_at) >= Micro(parts_.bounds.segment_age_max);
      if (last.bytes == 0 || (last.bytes < parts_.bounds.segment_bytes_max && !is_old)) return {};
    }
  }
  if (file_ >= 0) JALON_RETURN_IF_ERROR(Sync());
  const Link first{last_.seq + 1, last_.hash};
  const std::string path = SegmentPath(parts_.folder, first.seq);
  const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return Unavailable(path, errno);
  if (const auto failed = SyncFolder(parts_.folder)) {
    ::close(file);
    return Unavailable(parts_.folder, failed.value());
  }
  if (file_ >= 0) ::close(file_);
  file_ = file;
  {
    MutexLock lock(mutex_);
    segments_.push_back({.first = first, .begun_at = now, .bytes = 0});
  }
  return DropOldest(now, IsAgeDue());
}

bool AccessLog::IsAgeDue() {
  const Micros now = parts_.clock.Monotonic();
  if (aged_at_ && now - *aged_at_ < kDropByAgeEvery) return false;
  aged_at_ = now;
  return true;
}

// All its entries are: a file is of segment_age_max at most. One that was begun while the clock was
// ahead is as old as the next.
bool AccessLog::IsTooOld(const Segment& oldest, const Segment& next, int64_t now) const {
  const int64_t begun_at = oldest.begun_at > now ? next.begun_at : oldest.begun_at;
  return begun_at < now - Micro(parts_.bounds.age_max + parts_.bounds.segment_age_max);
}

Result<void> AccessLog::DropOldest(int64_t now, bool by_age) {
  std::vector<Segment> segments;
  {
    MutexLock lock(mutex_);
    segments = segments_;
  }
  size_t bytes =
      std::accumulate(segments.begin(), segments.end(), size_t{0},
                      [](size_t sum, const Segment& segment) { return sum + segment.bytes; });
  size_t drop = 0;
  while (drop + 1 < segments.size() && bytes > parts_.bounds.bytes_max) {
    bytes -= segments[drop++].bytes;
  }
  if (by_age && drop == 0 && segments.size() > 1 && IsTooOld(segments[0], segments[1], now)) {
    drop = 1;
  }
  if (drop == 0) return {};
  Chain chain = chain_;
  chain.first = segments[drop].first;
  if (const auto failed = WriteFileDurably(ChainPath(parts_.folder), ChainText(chain))) {
    return Unavailable(ChainPath(parts_.folder), failed.value());
  }
  chain_ = chain;
  {
    MutexLock lock(mutex_);
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(drop));
  }
  for (size_t i = 0; i < drop; ++i) {  // what a crash leaves goes with the next start
    const std::string path = SegmentPath(parts_.folder, segments[i].first.seq);
    if (const auto failed = RemoveDurably(path)) return Unavailable(path, failed.value());
  }
  return {};
}

Result<void> AccessLog::Sync() {
  if (lost_) return std::unexpected(*lost_);  // the next one would say that all is well
  synced_at_ = parts_.clock.Monotonic();
  if (::fdatasync(file_) != 0) {
    lost_ = Unavailable(parts_.folder + " (synced)", errno).error();
    return std::unexpected(*lost_);
  }
  Chain chain = chain_;
  chain.head = last_;
  if (const auto failed = WriteFileDurably(ChainPath(parts_.folder), ChainText(chain))) {
    return Unavailable(ChainPath(parts_.folder), failed.value());
  }
  chain_ = chain;
  dirty_ = false;
  return {};
}

Result<void> AccessLog::EachBefore(uint64_t seq,
                                   const std::function<bool(const v1::AccessEntry&)>& visit) const {
  std::vector<Segment> segments;
  {
    MutexLock lock(mutex_);
    segments = segments_;
  }
  for (size_t i = segments.size(); i-- > 0;) {
    if (segments[i].first.seq >= seq) continue;
    const std::string path = SegmentPath(parts_.folder, segments[i].first.seq);
    JALON_ASSIGN_OR_RETURN(const auto bytes, ReadWhole(path, segments[i].bytes));
    if (!bytes) return {};  // just dropped, and all before it
    std::vector<v1::AccessEntry> entries;
    for (size_t at = 0; at < segments[i].bytes;) {
      auto stored = ReadEntry(*bytes, at);
      if (!stored) {
        return Fail(Code::kInternal, "INTERNAL",
                    path + ": holds bytes that are no entry: run jalon access verify");
      }
      if (stored->entry.seq() < seq) entries.push_back(std::move(stored->entry));
      at = stored->end;
    }
    for (size_t e = entries.size(); e-- > 0;) {
      if (!visit(entries[e])) return {};
    }
  }
  return {};
}

uint64_t AccessLog::OldestAfterDrops() const {
  MutexLock lock(mutex_);
  return segments_.empty() || segments_.front().first.seq == 1 ? 0 : segments_.front().first.seq;
}

void AccessLog::Tell(const Result<void>& result) {
  const bool begins = !result && !failing_;
  failing_ = !result;
  if (begins && parts_.on_fault) parts_.on_fault(result.error());
}

}  // namespace jalon::access
