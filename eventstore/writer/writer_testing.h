// One writer on a memory log, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/state/memory_state_store.h"
#include "eventstore/writer/counter_testing.h"
#include "eventstore/writer/writer.h"

namespace jalon::eventstore::testing {

// A clock whose wall time can be set apart from its monotonic one.
class TestClock final : public Clock {
 public:
  explicit TestClock(Micros birth) : birth_(birth) {}
  Micros Wall() const override { return birth_ + monotonic_ + jumped_; }
  Micros Monotonic() const override { return monotonic_; }
  void Advance(Micros by) { monotonic_ += by; }
  void Jump(Micros by) { jumped_ += by; }

 private:
  const Micros birth_;
  Micros monotonic_{0};
  Micros jumped_{0};
};

// What a test sees of a submission.
struct Sent {
  std::string request_id;
  std::optional<Outcome> outcome;

  bool answered() const { return outcome.has_value(); }
  Outcome::Kind kind() const { return outcome.value().kind; }
  const std::string& reason() const { return outcome.value().error.reason; }
};
using SentPtr = std::shared_ptr<Sent>;

class WriterTest : public ::testing::Test {
 protected:
  static constexpr Partition kPartition{0};
  static constexpr Micros kBirth = std::chrono::hours(24 * 365 * 56);  // 2025 or so

  // A partition's writer, not stepped yet. The tests of the protocol run it as kafka's does.
  WriterOptions Options() const;
  void Start(WriterOptions options);
  void Start() { Start(Options()); }
  // Ends the process: rows beyond the oldest `writes_kept` unpersisted Writes are lost.
  void Crash(size_t writes_kept = 0);

  // Steps the writer and the log until nothing more happens without time passing.
  void Settle();
  // Lets `time` pass in steps of 10 ms, settled at each.
  void Run(Micros time = Micros{0});

  // Another node's writer beside it, with its own rows; Settle and Run step both.
  Writer& StartOther();

  SentPtr Send(std::vector<CounterChange> changes) { return Send(NewId(), std::move(changes)); }
  SentPtr Send(std::string request_id, std::vector<CounterChange> changes);
  static SentPtr SendTo(Writer& writer, std::string request_id, std::vector<CounterChange> changes);
  SentPtr Add(std::string key, int64_t delta) { return Send({{std::move(key), delta}}); }
  std::string NewId() { return MakeRequestId(clock_.Wall(), ++ids_); }

  // What a fresh reader of the log counts: by sequence number.
  std::map<uint64_t, log::v1::Record> Counted(ChainHead* head = nullptr);
  // Every application row and dedupe row in the store.
  std::vector<StoredRow> StoredRows();

  TestClock clock_{kBirth};
  std::mt19937_64 random_{1};
  MemoryLog log_{TestBirth(), FaultPlan{}, clock_, [this] { return random_(); }};
  MemoryStateStore store_;
  CounterApplication application_;
  MemoryStateStore other_store_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Writer> other_;
  uint64_t ids_ = 0;
};

}  // namespace jalon::eventstore::testing
