// Any interleaving of retries gives one event: random histories through the real writer, where
// every command is sent several times.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/properties/history.h"
#include "tests/properties/retrying_world.h"

namespace jalon::properties {
namespace {

constexpr uint64_t kSeeds = 100;
constexpr int kMoves = 60;
constexpr Micros kStart = std::chrono::seconds(1788267600);  // 2026-09-01, 9:00 in Toronto

// One record a request; versions of each aggregate and indexes of each trail without a gap.
std::string Faults(const std::vector<log::v1::Record>& records) {
  std::set<std::string> requests;
  std::map<std::pair<uint32_t, std::string>, uint64_t> versions;
  std::map<std::string, uint64_t> trails;
  for (const log::v1::Record& record : records) {
    if (record.events().empty()) continue;  // a barrier
    if (!requests.insert(record.request_id()).second) {
      return fmt::format("record {} repeats a request", record.seq());
    }
    for (const std::string& bytes : record.events()) {
      log::v1::Event event;
      if (!event.ParseFromString(bytes)) return "an event cannot be read";
      uint64_t& version = versions[{event.aggregate_kind(), event.aggregate()}];
      if (event.version() != ++version) {
        return fmt::format("record {}: version {} after {}", record.seq(), event.version(),
                           version - 1);
      }
      if (event.has_trail() && event.trail().index() != trails[event.trail().key()]++) {
        return fmt::format("record {}: the trail has a gap", record.seq());
      }
    }
  }
  return {};
}

TEST(Retries, InAnyInterleavingGiveOneEvent) {
  uint64_t repeats = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RetryingWorld world(kStart, seed);
    Cast cast(world);
    History history(cast, seed);
    for (int i = 0; i < kMoves && world.Wrong().empty(); ++i) {
      const Move move = history.Next();
      history.Note(move, cast.Send(move.who, *move.command, move.header));
    }
    ASSERT_EQ(world.Wrong(), "") << "seed " << seed;
    ASSERT_EQ(Faults(world.Counted()), "") << "seed " << seed;
    repeats += world.repeats();
  }
  EXPECT_GT(repeats, kSeeds * 50);
}

}  // namespace
}  // namespace jalon::properties
