#include "deploy/demo/exported.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "jalon/event/v1/event_body.pb.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::demo {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kEntriesOfBundle = 256;
constexpr size_t kTagBytes = 16;  // behind what is sealed

// "000", or where it is not full "000.p/12"; empty if there is none. No trail of a demonstration
// has a thousand.
fs::path BundleOf(const fs::path& exported, uint64_t number) {
  fs::path full = exported / fmt::format("tile/entries/{:03}", number);
  if (fs::is_regular_file(full)) return full;
  const fs::path partial = full.string() + ".p";
  return fs::is_directory(partial) ? fs::directory_iterator(partial)->path() : fs::path();
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Each behind two bytes that say how long it is.
std::vector<std::string_view> EntriesIn(std::string_view bundle) {
  std::vector<std::string_view> entries;
  while (bundle.size() >= 2) {
    const size_t length = static_cast<size_t>(static_cast<uint8_t>(bundle[0])) * 256 +
                          static_cast<uint8_t>(bundle[1]);
    entries.push_back(bundle.substr(2, length));
    bundle.remove_prefix(std::min(bundle.size(), 2 + length));
  }
  return entries;
}

struct Estimate {
  std::string student_id;
  std::string sealed_words;
};

// None if the entry is no estimate, or one without words.
std::optional<Estimate> EstimateIn(std::string_view entry) {
  log::v1::Event event;
  event::v1::FormativeEstimateReported reported;
  if (!event.ParseFromArray(entry.data(), static_cast<int>(entry.size())) ||
      event.type() != event::v1::EventBody::kFormativeEstimateReported ||
      !reported.ParseFromString(event.payload()) || !reported.has_words()) {
    return std::nullopt;
  }
  return Estimate{event.subject(), reported.words().ciphertext()};
}

}  // namespace

std::string EntriesOf(const fs::path& exported) {
  std::string bytes;
  for (uint64_t number = 0;; ++number) {
    const fs::path bundle = BundleOf(exported, number);
    if (bundle.empty()) return bytes;
    bytes += ReadAll(bundle);
  }
}

std::optional<uint64_t> FindEstimate(const fs::path& exported, const std::string& student_id) {
  const std::string bytes = EntriesOf(exported);
  const std::vector<std::string_view> entries = EntriesIn(bytes);
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto estimate = EstimateIn(entries[i]);
    if (estimate && estimate->student_id == student_id) return i;
  }
  return std::nullopt;
}

bool EditComment(const fs::path& exported, uint64_t index) {
  const fs::path bundle = BundleOf(exported, index / kEntriesOfBundle);
  std::string bytes = ReadAll(bundle);
  const std::vector<std::string_view> entries = EntriesIn(bytes);
  const size_t place = index % kEntriesOfBundle;
  const auto estimate = place < entries.size() ? EstimateIn(entries[place]) : std::nullopt;
  if (!estimate || estimate->sealed_words.size() <= kTagBytes) return false;
  // What is sealed is as long as what it seals, of which the comment is the last field.
  const size_t last_letter = estimate->sealed_words.size() - kTagBytes - 1;
  const auto entry_at = static_cast<size_t>(entries[place].data() - bytes.data());
  char& letter = bytes[entry_at + entries[place].find(estimate->sealed_words) + last_letter];
  letter = static_cast<char>(letter ^ 1);
  std::ofstream(bundle, std::ios::binary) << bytes;
  return true;
}

}  // namespace jalon::demo
