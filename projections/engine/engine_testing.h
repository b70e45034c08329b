// For tests of views: a writer of valid logs, two small views, and a projector run to its end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/log/classify.h"
#include "eventstore/log/memory/memory_log.h"
#include "projections/engine/projector.h"
#include "projections/engine/rebuild.h"
#include "projections/engine/view_set.h"

namespace jalon::projections::testing {

inline constexpr std::string_view kTenant = "tenant-of-16-byt";

// Appends entries that count, and some that do not, to the partitions of a log.
class LogWriter {
 public:
  explicit LogWriter(eventstore::Log& log) : log_(log) {}

  // Another epoch.
  void Claim(Partition partition);
  // One record; claims first where nobody did. Time goes on by a second.
  void Record(Partition partition, const std::vector<log::v1::Event>& events);
  // A copy of the last entry: void.
  void Copy(Partition partition);
  // A record of the epoch before: void.
  void Zombie(Partition partition);

  const eventstore::ChainHead& head(Partition partition) { return At(partition).head; }
  uint64_t events() const { return events_; }

 private:
  struct State {
    eventstore::ChainHead head;
    uint64_t offset = 0;  // of the next entry
    eventstore::Blob last;
    eventstore::ChainHead former;  // of the epoch before
  };
  State& At(Partition partition);
  void Append(Partition partition, State& state, const eventstore::Blob& bytes,
              eventstore::Fate expected);
  eventstore::Blob Encode(const eventstore::ChainHead& head,
                          const std::vector<log::v1::Event>& events);

  eventstore::Log& log_;
  std::map<Partition, State> states_;
  int64_t now_ = 1'788'000'000'000'000;
  uint64_t events_ = 0;
};

// The types that the test views know.
inline constexpr uint32_t kAdd = 10;
inline constexpr uint32_t kRemove = 11;
inline constexpr uint32_t kIgnored = 12;

// An event of `type` about `name`, with `number` as payload.
log::v1::Event MakeEvent(uint32_t type, std::string_view name, uint64_t number,
                         std::string_view tenant = kTenant);

// tally: per name how often and how much (a row that folds edit). `version` and `step` make another
// fold of it.
std::unique_ptr<const View> MakeTally(uint32_t version = 1, uint64_t step = 1);
// ranks: the names by their last number (rows that folds put and erase), with a row per name.
std::unique_ptr<const View> MakeRanks();
std::unique_ptr<const ViewSet> MakeTestViews(uint32_t tally_version = 1, uint64_t tally_step = 1);

// Appends `records` random records to random partitions of [0, partitions), with copies, zombies
// and claims in between.
void AppendRandom(LogWriter& writer, std::mt19937_64& random, uint32_t partitions, size_t records);

// Steps until there is nothing more to do; a projector that fails is a test failure.
void StepToEnd(Projector& projector);

// The rows of a view in a partition as text, a line per row.
std::string Rows(Projector& projector, Partition partition, std::string_view view);
// The rows of every view in every partition of [0, partitions).
std::string AllRows(Projector& projector, const ViewSet& views, uint32_t partitions);

std::vector<Partition> Partitions(uint32_t count);

// Every view of the set in every partition of [0, partitions).
std::vector<MissingView> Everything(const ViewSet& views, uint32_t partitions);
// Works a rebuild to its end on so many threads, and ingests. Empty on an error, which is put
// into `error` if that is given, and is a test failure otherwise.
std::vector<BuiltGeneration> WorkToEnd(Rebuild& rebuild, int threads, Error* error = nullptr);
// Adopts and steps until all is swapped.
void AdoptAndStep(Projector& projector, std::vector<BuiltGeneration> built);

}  // namespace jalon::projections::testing
