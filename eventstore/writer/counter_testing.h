// A tiny application for tests of the writer: counters by key, from 0 to 100.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/writer/application.h"

namespace jalon::eventstore::testing {

inline constexpr int64_t kCounterMax = 100;
inline constexpr std::string_view kTenant = "tenant-of-16-byt";

struct CounterChange {
  std::string key;
  int64_t delta = 0;
};

// Adds each delta to its counter, all or nothing; the keys are distinct. Refused if any counter
// would leave its range; nothing to do if every delta is 0.
class CounterCommand final : public Command {
 public:
  explicit CounterCommand(std::vector<CounterChange> changes) : changes(std::move(changes)) {}
  const std::vector<CounterChange> changes;
  std::string reply_padding;  // makes the reply, and so the record, longer
};

// Which counter would have left its range, and what it was at.
class CounterRefusal final : public Refusal {
 public:
  CounterRefusal(std::string key, int64_t value) : key(std::move(key)), value(value) {}
  const std::string key;
  const int64_t value;
};

// One counter; a counter at 0 has no row.
class CounterRow final : public Row {
 public:
  std::unique_ptr<Row> Clone() const override { return std::make_unique<CounterRow>(*this); }
  void Encode(std::string* bytes) const override;
  size_t Weight() const override { return sizeof *this; }
  static std::unique_ptr<Row> Make() { return std::make_unique<CounterRow>(); }

  int64_t value = 0;
  uint64_t version = 0;  // changes since it was 0
};

// Each event is one change; its payload is the delta in decimal. A reply is the new value of the
// first counter.
class CounterApplication final : public Application {
 public:
  static constexpr uint32_t kChanged = 1;  // the only event type it knows

  explicit CounterApplication(uint32_t version = 1) : version_(version) {}

  Verdict Decide(const Command& command, const Moment& moment, StateView& state) const override;
  Result<void> Evolve(const log::v1::Record& record, StateEdit& state) const override;
  Result<std::unique_ptr<Row>> DecodeRow(std::string_view key, std::string_view bytes,
                                         StateView& state) const override;
  uint32_t EvolveVersion() const override { return version_; }

 private:
  const uint32_t version_;
};

int64_t CounterValue(StateView& state, std::string_view key);

// The UUIDv7 of that time whose other bits tell `number`.
std::string MakeRequestId(Micros time, uint64_t number);

// What a caller's MAC would tell apart: 32 bytes made of `body`.
std::string MakeBodyMac(std::string_view body);

// A submission of those changes; its MAC is of them.
Submission MakeSubmission(std::string request_id, std::vector<CounterChange> changes,
                          std::function<void(Outcome)> done);

}  // namespace jalon::eventstore::testing
