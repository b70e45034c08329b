#include "tests/bench/kafka/year_log.h"

#include <unistd.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/partition.h"
#include "eventstore/log/record.h"
#include "projections/views/year_testing.h"
#include "services/client/request_id.h"

namespace jalon::bench {
namespace {

using eventstore::Blob;
using eventstore::ChainHead;
using eventstore::Fate;

constexpr uint32_t kEventsPerStudent = 52;
constexpr size_t kBatch = 256;  // records handed over together, as a writer's are
// As long as a school year: what only counts for a while, such as a request's id, is let go of.
constexpr int64_t kYearUs = 300LL * 24 * 3600 * 1'000'000;
constexpr int64_t kBeganUs = 1'750'000'000'000'000;
constexpr size_t kNonceBytes = 16;
constexpr size_t kMacBytes = 32;
constexpr useconds_t kAgainUs = 10'000;
constexpr Micros kPatience = std::chrono::minutes(5);

std::unexpected<Error> Wrong(std::string words) {
  return Fail(Code::kInternal, "INTERNAL", std::move(words));
}

class YearLog {
 public:
  YearLog(eventstore::Log& log, uint32_t partitions, uint64_t events)
      : log_(log), partitions_(partitions), step_us_(kYearUs / static_cast<int64_t>(events)) {}

  Result<void> Add(const std::string& school, const log::v1::Event& event) {
    const Partition partition = eventstore::PartitionOf(ToHex(school), partitions_);
    auto found = lanes_.find(partition);
    if (found == lanes_.end()) {
      JALON_ASSIGN_OR_RETURN(Lane begun, Begin(partition));
      found = lanes_.emplace(partition, std::move(begun)).first;
    }
    Lane& lane = found->second;
    JALON_RETURN_IF_ERROR(Count(lane, Encode(lane.head, event)));
    return lane.batch.size() < kBatch ? Result<void>{} : HandOver(partition, lane);
  }

  // Waits until all of it can be read.
  Result<void> Finish() {
    const SystemClock clock;
    const Micros last = clock.Monotonic() + kPatience;
    for (auto& [partition, lane] : lanes_) {
      if (!lane.batch.empty()) JALON_RETURN_IF_ERROR(HandOver(partition, lane));
    }
    for (const auto& [partition, lane] : lanes_) {
      while (true) {
        JALON_ASSIGN_OR_RETURN(const Offset head, log_.Head(partition));
        if (head.value == lane.entries) break;
        if (clock.Monotonic() > last) return Wrong("what was appended does not come back");
        usleep(kAgainUs);
      }
    }
    return {};
  }

 private:
  // One partition.
  struct Lane {
    ChainHead head;
    uint64_t entries = 0;
    std::vector<Blob> batch;  // not handed over yet
  };

  Result<Lane> Begin(Partition partition) {
    JALON_ASSIGN_OR_RETURN(const auto there, log_.ReadFrom(partition, Offset{0}, {}));
    if (there.size() != 1) return Wrong("the log is not new");
    Lane lane;
    JALON_RETURN_IF_ERROR(Count(lane, there[0].bytes));
    lane.batch.clear();
    log::v1::Claim claim;
    claim.set_level(1);
    claim.set_epoch(1);
    claim.set_nonce(RandomBytes(kNonceBytes));
    claim.set_node("year");
    claim.set_base_seq(0);
    claim.set_base_hash(std::string(View(lane.head.hash)));
    JALON_RETURN_IF_ERROR(Count(lane, eventstore::EncodeClaim(claim)));
    return lane;
  }

  Blob Encode(const ChainHead& head, const log::v1::Event& event) {
    now_us_ += step_us_;
    log::v1::Record record;
    record.set_level(1);
    record.set_epoch(head.epoch.value);
    record.set_epoch_id(std::string(View(head.epoch_id)));
    record.set_seq(head.seq.value + 1);
    record.set_prev_hash(std::string(View(head.hash)));
    record.set_recorded_at(now_us_);
    record.set_request_id(client::NewRequestId(static_cast<uint64_t>(now_us_) / 1000));
    record.set_body_mac(RandomBytes(kMacBytes));
    record.set_tenant(event.tenant());
    record.mutable_actor()->set_person("person-8");
    record.mutable_actor()->set_role(3);
    record.mutable_actor()->set_origin(1);
    record.add_events(event.SerializeAsString());
    return eventstore::EncodeRecord(record);
  }

  // By the rule of every reader.
  static Result<void> Count(Lane& lane, Blob bytes) {
    JALON_ASSIGN_OR_RETURN(const eventstore::EntryFrame frame, eventstore::ReadFrame(*bytes));
    if (eventstore::Classify(lane.head, Offset{lane.entries++}, frame, *bytes) != Fate::kCounted) {
      return Wrong("an entry of the year does not count");
    }
    lane.batch.push_back(std::move(bytes));
    return {};
  }

  Result<void> HandOver(Partition partition, Lane& lane) {
    while (true) {
      const Result<void> taken = log_.Append(partition, lane.batch);
      if (!taken && taken.error().code != Code::kResourceExhausted) return taken;
      if (taken) break;
      usleep(kAgainUs);  // too many are on their way
    }
    lane.batch.clear();
    return {};
  }

  eventstore::Log& log_;
  const uint32_t partitions_;
  std::map<Partition, Lane> lanes_;
  const int64_t step_us_;
  int64_t now_us_ = kBeganUs;
};

}  // namespace

Result<uint64_t> AppendYear(eventstore::Log& log, uint32_t partitions, uint64_t events,
                            uint32_t schools, const std::function<void(uint64_t)>& progress) {
  YearLog year(log, partitions, events);
  uint64_t made = 0;
  std::optional<Error> failed;
  projections::testing::MakeYear(
      {.schools = schools, .students = static_cast<uint32_t>(events / schools / kEventsPerStudent)},
      [&](const std::string& school, const std::vector<log::v1::Event>& record) {
        for (const log::v1::Event& event : record) {
          if (failed) return;
          if (const Result<void> added = year.Add(school, event); !added) failed = added.error();
          progress(++made);
        }
      });
  if (failed) return std::unexpected(*failed);
  JALON_RETURN_IF_ERROR(year.Finish());
  return made;
}

}  // namespace jalon::bench
