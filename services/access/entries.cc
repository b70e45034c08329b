#include "services/access/entries.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "eventstore/base/check.h"

namespace jalon::access {
namespace {

constexpr std::string_view kTitle = "jalon access chain 1\n";
constexpr std::string_view kSuffix = ".entries";
constexpr size_t kNameDigits = 20;
constexpr size_t kLengthBytes = 4;
constexpr size_t kCheckBytes = kEntryHeadBytes - kLengthBytes;
constexpr size_t kReadBytes = 64 * 1024;

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "first 1 0000…" without its line break, of that name.
std::optional<Link> ParseLink(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  line.remove_prefix(name.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto seq = Number(line.substr(0, space));
  std::string hash;
  if (!seq || !FromHex(line.substr(space + 1), &hash) || hash.size() != sizeof(Hash)) {
    return std::nullopt;
  }
  return Link{*seq, HashFrom(hash)};
}

uint32_t LengthAt(std::string_view bytes) {
  uint32_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return length;
}

}  // namespace

std::string ChainText(const Chain& chain) {
  return fmt::format("{}first {} {}\nhead {} {}\n", kTitle, chain.first.seq,
                     ToHex(View(chain.first.hash)), chain.head.seq, ToHex(View(chain.head.hash)));
}

std::optional<Chain> ParseChain(std::string_view text) {
  if (!text.starts_with(kTitle) || !text.ends_with('\n')) return std::nullopt;
  text.remove_prefix(kTitle.size());
  const size_t end = text.find('\n');
  if (end == std::string_view::npos || end + 1 >= text.size()) return std::nullopt;
  const auto first = ParseLink(text.substr(0, end), "first ");
  const auto head = ParseLink(text.substr(end + 1, text.size() - end - 2), "head ");
  if (!first || !head || first->seq == 0) return std::nullopt;
  return Chain{*first, *head};
}

std::string ChainPath(const std::string& folder) { return folder + "/chain"; }

std::string SegmentPath(const std::string& folder, uint64_t first_seq) {
  return fmt::format("{}/{:020}{}", folder, first_seq, kSuffix);
}

Hash AppendEntry(const v1::AccessEntry& entry, std::string* to) {
  const std::string bytes = entry.SerializeAsString();
  JALON_CHECK(bytes.size() <= kEntryBytesMax);
  const Hash hash = Sha256(bytes);
  for (size_t i = 0; i < kLengthBytes; ++i) {
    *to += static_cast<char>(bytes.size() >> (8 * i));
  }
  to->append(View(hash).substr(0, kCheckBytes)).append(bytes);
  return hash;
}

std::optional<Stored> ReadEntry(std::string_view segment, size_t at) {
  if (segment.size() < at + kEntryHeadBytes) return std::nullopt;
  const size_t length = LengthAt(segment.substr(at, kLengthBytes));
  const size_t begin = at + kEntryHeadBytes;
  if (length == 0 || length > kEntryBytesMax || segment.size() - begin < length) {
    return std::nullopt;
  }
  const std::string_view bytes = segment.substr(begin, length);
  Stored stored{.entry = {}, .hash = Sha256(bytes), .end = begin + length};
  if (View(stored.hash).substr(0, kCheckBytes) != segment.substr(at + kLengthBytes, kCheckBytes)) {
    return std::nullopt;
  }
  if (!stored.entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return std::nullopt;
  }
  return stored;
}

std::unexpected<Error> Unavailable(const std::string& what, int error_number) {
  return Fail(Code::kUnavailable, "ACCESS_LOG_UNAVAILABLE",
              fmt::format("{}: {}: free or mend the disk of the access log", what,
                          std::generic_category().message(error_number)));
}

Result<std::vector<uint64_t>> SegmentsIn(const std::string& folder) {
  std::vector<uint64_t> segments;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) continue;
    if (const auto seq = Number(name.substr(0, kNameDigits))) segments.push_back(*seq);
  }
  if (failed) return Unavailable(folder, failed.value());
  std::ranges::sort(segments);
  return segments;
}

Result<std::optional<std::string>> ReadWhole(const std::string& path, size_t bytes_max) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) return Unavailable(path, errno);
  std::string bytes;
  ssize_t got = 1;
  while (bytes.size() < bytes_max && got > 0) {
    const size_t before = bytes.size();
    const size_t wanted = std::min(kReadBytes, bytes_max - before);
    bytes.resize(before + wanted);
    got = ::read(file, bytes.data() + before, wanted);
    if (got < 0 && errno == EINTR) {
      got = 1;
      bytes.resize(before);
      continue;
    }
    bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  }
  const int error = errno;
  ::close(file);
  if (got < 0) return Unavailable(path, error);
  return bytes;
}

}  // namespace jalon::access
