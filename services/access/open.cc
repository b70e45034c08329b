// How an access log is found again by a start.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "eventstore/base/durable_file.h"
#include "services/access/access_log.h"

namespace jalon::access {
namespace {

constexpr size_t kFirstBytes =
    kEntryHeadBytes + kEntryBytesMax;  // enough for the first entry of a segment

}  // namespace

std::unexpected<Error> AccessLog::Broken(const std::string& what) const {
  return Fail(
      Code::kFailedPrecondition, "ACCESS_LOG_BROKEN",
      fmt::format("{}: {}: keep a copy of the folder, find out who changed it (jalon access "
                  "verify {}), then move it away: a new log is begun",
                  parts_.folder, what, parts_.folder));
}

Result<void> AccessLog::LoadChain(bool is_new) {
  JALON_ASSIGN_OR_RETURN(const auto text, ReadWhole(ChainPath(parts_.folder)));
  if (text) {
    const auto chain = ParseChain(*text);
    if (!chain) return Broken("chain is none");
    chain_ = *chain;
    return {};
  }
  if (!is_new) return Broken("chain is missing");
  if (const auto failed = WriteFileDurably(ChainPath(parts_.folder), ChainText(chain_))) {
    return Unavailable(ChainPath(parts_.folder), failed.value());
  }
  return {};
}

Result<std::vector<AccessLog::Segment>> AccessLog::LoadSegments() {
  JALON_ASSIGN_OR_RETURN(const std::vector<uint64_t> numbers, SegmentsIn(parts_.folder));
  JALON_RETURN_IF_ERROR(LoadChain(numbers.empty()));
  std::vector<Segment> segments;
  for (const uint64_t number : numbers) {
    const std::string path = SegmentPath(parts_.folder, number);
    if (number < chain_.first.seq) {  // the server died while it dropped it
      if (const auto failed = RemoveDurably(path)) return Unavailable(path, failed.value());
      continue;
    }
    JALON_ASSIGN_OR_RETURN(const auto bytes, ReadWhole(path, kFirstBytes));
    const auto first = ReadEntry(bytes.value_or(""), 0);
    if (!first && number != numbers.back()) return Broken(path + " does not begin with an entry");
    std::error_code failed;
    const size_t size = std::filesystem::file_size(path, failed);
    if (failed) return Unavailable(path, failed.value());
    segments.push_back({.first = {number, first ? HashFrom(first->entry.previous()) : Hash()},
                        .begun_at = first ? first->entry.at() : 0,
                        .bytes = size});
  }
  return segments;
}

Result<void> AccessLog::LoadLast(Segment* segment) {
  const Link& head = chain_.head;
  const uint64_t number = segment->first.seq;
  const std::string path = SegmentPath(parts_.folder, number);
  if (number == chain_.first.seq) {
    segment->first.hash = chain_.first.hash;
  } else if (number == head.seq + 1) {
    segment->first.hash = head.hash;
  }
  if (head.seq + 1 < number) return Broken(path + " begins after the last entry that was synced");
  JALON_ASSIGN_OR_RETURN(const auto bytes, ReadWhole(path));
  if (!bytes) return Broken(path + " is missing");
  last_ = {number - 1, segment->first.hash};
  size_t at = 0;
  bool has_head = head.seq < number;
  for (auto stored = ReadEntry(*bytes, 0); stored; stored = ReadEntry(*bytes, at)) {
    const v1::AccessEntry& entry = stored->entry;
    if (entry.seq() != last_.seq + 1 || entry.previous() != View(last_.hash)) break;
    if (entry.seq() == head.seq && stored->hash != head.hash) break;
    last_ = {entry.seq(), stored->hash};
    last_at_ = entry.at();
    if (entry.kind() == v1::ACCESS_KIND_REFUSAL) {  // a start does not begin its day anew
      MutexLock lock(mutex_);
      TakeRoom(entry);
    }
    has_head = has_head || last_ == head;
    at = stored->end;
  }
  if (!has_head) return Broken(fmt::format("{} is not whole after entry {}", path, last_.seq));
  file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0) return Unavailable(path, errno);
  if (at < bytes->size() &&
      (::ftruncate(file_, static_cast<off_t>(at)) != 0 || ::fdatasync(file_) != 0)) {
    return Unavailable(path, errno);
  }
  segment->bytes = at;
  return {};
}

Result<void> AccessLog::Load() {
  std::error_code failed;
  std::filesystem::create_directory(parts_.folder, failed);
  if (!failed) {
    std::filesystem::permissions(parts_.folder, std::filesystem::perms::owner_all, failed);
  }
  if (failed) return Unavailable(parts_.folder, failed.value());
  JALON_ASSIGN_OR_RETURN(std::vector<Segment> segments, LoadSegments());
  if (segments.empty()) {
    if (chain_.head.seq >= chain_.first.seq) return Broken("its entries are missing");
    last_ = {chain_.first.seq - 1, chain_.first.hash};
    return {};
  }
  if (segments.front().first.seq != chain_.first.seq) {
    return Broken(fmt::format("entry {} is missing", chain_.first.seq));
  }
  JALON_RETURN_IF_ERROR(LoadLast(&segments.back()));
  MutexLock lock(mutex_);
  segments_ = std::move(segments);
  return {};
}

}  // namespace jalon::access
