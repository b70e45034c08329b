#include "eventstore/trail/tlog_proof.h"

#include <fmt/format.h>

#include "eventstore/trail/base64.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/utf8.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

// Takes one line with its newline off the front; none where no newline is left.
std::optional<std::string_view> TakeLine(std::string_view* bytes) {
  const size_t end = bytes->find('\n');
  if (end == bytes->npos) return std::nullopt;
  const std::string_view line = bytes->substr(0, end);
  bytes->remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string FormatTlogProof(const TlogProof& proof) {
  std::string bytes = fmt::format("{}\n", kFirstLine);
  if (proof.extra) bytes += fmt::format("{}{}\n", kExtra, ToBase64(*proof.extra));
  bytes += fmt::format("{}{}\n", kIndex, proof.index);
  for (const Hash& hash : proof.hashes) bytes += ToBase64(View(hash)) + '\n';
  return bytes + '\n' + proof.checkpoint;
}

std::expected<TlogProof, Flaw> ParseTlogProof(std::string_view bytes) {
  if (TakeLine(&bytes) != kFirstLine) return std::unexpected(Flaw::kProofLines);
  TlogProof proof;
  auto line = TakeLine(&bytes);
  if (line && line->starts_with(kExtra)) {
    proof.extra = FromBase64(line->substr(kExtra.size()));
    if (!proof.extra) return std::unexpected(Flaw::kProofExtra);
    line = TakeLine(&bytes);
  }
  const auto index =
      line && line->starts_with(kIndex) ? ParseDecimal(line->substr(kIndex.size())) : std::nullopt;
  if (!index) return std::unexpected(Flaw::kProofIndex);
  proof.index = *index;
  for (line = TakeLine(&bytes); line && !line->empty(); line = TakeLine(&bytes)) {
    const auto hash = HashFromBase64(*line);
    if (!hash || proof.hashes.size() == kInclusionHashesMax) {
      return std::unexpected(Flaw::kProofHash);
    }
    proof.hashes.push_back(*hash);
  }
  if (!line || bytes.empty()) return std::unexpected(Flaw::kProofLines);
  proof.checkpoint = std::string(bytes);
  return proof;
}

std::string FormatReceiptLine(const ReceiptLine& line) {
  return fmt::format("{} {} {}\n", line.trail, line.index, ToBase64(View(line.leaf)));
}

std::expected<ReceiptLine, Flaw> ParseReceiptLine(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
  if (second == line.npos || !line.ends_with('\n')) return std::unexpected(Flaw::kReceiptLine);
  line.remove_suffix(1);
  const auto index = ParseDecimal(line.substr(first + 1, second - first - 1));
  const auto leaf = HashFromBase64(line.substr(second + 1));
  if (!IsName(line.substr(0, first)) || !index || !leaf) {
    return std::unexpected(Flaw::kReceiptLine);
  }
  return ReceiptLine{.trail = std::string(line.substr(0, first)), .index = *index, .leaf = *leaf};
}

}  // namespace jalon::trail
