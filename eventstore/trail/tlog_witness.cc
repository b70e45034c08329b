#include "eventstore/trail/tlog_witness.h"

#include <fmt/format.h>

#include "eventstore/trail/base64.h"
#include "eventstore/trail/checkpoint.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kOld = "old ";

}  // namespace

std::string FormatAddCheckpoint(const AddCheckpoint& request) {
  std::string bytes = fmt::format("{}{}\n", kOld, request.old_size);
  for (const Hash& hash : request.hashes) bytes += ToBase64(View(hash)) + '\n';
  return bytes + '\n' + request.checkpoint;
}

std::expected<AddCheckpoint, Flaw> ParseAddCheckpoint(std::string_view bytes) {
  constexpr auto kNone = std::unexpected(Flaw::kConsistencyLines);
  AddCheckpoint request;
  for (bool is_first = true;; is_first = false) {
    const size_t end = bytes.find('\n');
    if (end == bytes.npos) return kNone;
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (is_first) {
      const auto size =
          line.starts_with(kOld) ? ParseDecimal(line.substr(kOld.size())) : std::nullopt;
      if (!size) return kNone;
      request.old_size = *size;
      continue;
    }
    if (line.empty()) break;
    const auto hash = HashFromBase64(line);
    if (!hash || request.hashes.size() == kConsistencyHashesMax) return kNone;
    request.hashes.push_back(*hash);
  }
  if (bytes.empty()) return kNone;
  request.checkpoint = std::string(bytes);
  return request;
}

}  // namespace jalon::trail
