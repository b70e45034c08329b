#include "eventstore/writer/counter_testing.h"

#include <fmt/format.h>

#include <charconv>

#include "eventstore/base/hash.h"

namespace jalon::eventstore::testing {
namespace {

std::string KeyOf(std::string_view counter) { return std::string(kTenant) + std::string(counter); }

bool ParseNumber(std::string_view text, int64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void CounterRow::Encode(std::string* bytes) const { *bytes = fmt::format("{} {}", value, version); }

Result<std::unique_ptr<Row>> CounterApplication::DecodeRow(std::string_view, std::string_view bytes,
                                                           StateView&) const {
  auto row = std::make_unique<CounterRow>();
  int64_t version = 0;
  const size_t space = bytes.find(' ');
  if (space == bytes.npos || !ParseNumber(bytes.substr(0, space), &row->value) ||
      !ParseNumber(bytes.substr(space + 1), &version)) {
    return Fail(Code::kDataLoss, "INTERNAL", "these bytes are no counter");
  }
  row->version = static_cast<uint64_t>(version);
  return row;
}

Verdict CounterApplication::Decide(const Command& command, const Moment&, StateView& state) const {
  const auto& counter = dynamic_cast<const CounterCommand&>(command);
  Accepted accepted;
  for (const CounterChange& change : counter.changes) {
    const RowPtr row = state.Find(KeyOf(change.key));
    const auto* at = static_cast<const CounterRow*>(row.get());
    const int64_t value = at != nullptr ? at->value : 0;
    if (value + change.delta < 0 || value + change.delta > kCounterMax) {
      return Refused{std::make_shared<CounterRefusal>(change.key, value)};
    }
    if (&change == &counter.changes.front()) accepted.reply = std::to_string(value + change.delta);
    if (change.delta == 0) continue;
    log::v1::Event event;
    event.set_tenant(std::string(kTenant));
    event.set_type(kChanged);
    event.set_aggregate(change.key);
    event.set_version(at != nullptr ? at->version + 1 : 1);
    event.set_payload(std::to_string(change.delta));
    accepted.events.push_back(event.SerializeAsString());
  }
  accepted.reply += counter.reply_padding;
  if (accepted.events.empty()) return NothingToDo{std::move(accepted.reply)};
  return accepted;
}

Result<void> CounterApplication::Evolve(const log::v1::Record& record, StateEdit& state) const {
  for (const std::string& bytes : record.events()) {
    log::v1::Event event;
    int64_t delta = 0;
    if (!event.ParseFromString(bytes) || event.type() != kChanged ||
        !ParseNumber(event.payload(), &delta)) {
      return Fail(Code::kDataLoss, "INTERNAL", "an event that no counter knows; upgrade this node");
    }
    const std::string key = KeyOf(event.aggregate());
    auto& row = static_cast<CounterRow&>(state.Edit(key, &CounterRow::Make));
    row.value += delta;
    row.version = event.version();
    if (row.value == 0) state.Erase(key);
  }
  return {};
}

int64_t CounterValue(StateView& state, std::string_view key) {
  const RowPtr row = state.Find(KeyOf(key));
  return row ? static_cast<const CounterRow&>(*row).value : 0;
}

std::string MakeRequestId(Micros time, uint64_t number) {
  std::string id(16, '\0');
  uint64_t millis = static_cast<uint64_t>(time.count()) / 1000;
  for (size_t i = 6; i-- > 0; millis >>= 8) id[i] = static_cast<char>(millis & 0xff);
  id[6] = 0x70;
  id[8] = static_cast<char>(0x80);
  for (size_t i = 16; i-- > 9; number >>= 8) id[i] = static_cast<char>(number & 0xff);
  return id;
}

std::string MakeBodyMac(std::string_view body) { return std::string(View(Sha256(body))); }

Submission MakeSubmission(std::string request_id, std::vector<CounterChange> changes,
                          std::function<void(Outcome)> done) {
  std::string body;
  for (const CounterChange& change : changes) {
    body += fmt::format("{}{:+} ", change.key, change.delta);
  }
  Submission submission;
  submission.tenant = kTenant;
  submission.request_id = std::move(request_id);
  submission.body_mac = MakeBodyMac(body);
  submission.actor.set_person("person-8");
  submission.actor.set_role(1);
  submission.command = std::make_unique<CounterCommand>(std::move(changes));
  submission.done = std::move(done);
  return submission;
}

}  // namespace jalon::eventstore::testing
