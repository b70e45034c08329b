#include "eventstore/trail/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "eventstore/trail/base64.h"
#include "eventstore/trail/tree.h"
#include "eventstore/trail/utf8.h"

namespace jalon::trail {

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     ToBase64(View(checkpoint.root)));
}

std::expected<Checkpoint, Flaw> ParseCheckpoint(std::string_view text) {
  if (std::ranges::count(text, '\n') != 3 || !text.ends_with('\n')) {
    return std::unexpected(Flaw::kCheckpointLines);
  }
  std::vector<std::string_view> lines;
  for (; !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
    lines.push_back(text.substr(0, text.find('\n')));
  }
  if (!IsName(lines[0])) return std::unexpected(Flaw::kCheckpointOrigin);
  const auto size = ParseDecimal(lines[1]);
  if (!size) return std::unexpected(Flaw::kCheckpointSize);
  const auto root = HashFromBase64(lines[2]);
  if (!root) return std::unexpected(Flaw::kCheckpointRoot);
  if (*size == 0 && *root != EmptyRoot()) return std::unexpected(Flaw::kEmptyTreeRoot);
  return Checkpoint{.origin = std::string(lines[0]), .size = *size, .root = *root};
}

std::optional<uint64_t> ParseDecimal(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || text.front() == '-' || (text.front() == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(number);
}

}  // namespace jalon::trail
