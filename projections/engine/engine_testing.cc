#include "projections/engine/engine_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "eventstore/base/wire.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/record.h"
#include "projections/engine/dump.h"
#include "projections/engine/row_of.h"

namespace jalon::projections::testing {

using eventstore::ChainHead;
using eventstore::Fate;

LogWriter::State& LogWriter::At(Partition partition) {
  const auto [found, is_new] = states_.try_emplace(partition);
  State& state = found->second;
  if (!is_new) return state;
  // Whatever the log holds already.
  for (const auto& entry : eventstore::testing::ReadAll(log_, partition, Offset{0})) {
    const uint64_t epoch = state.head.epoch.value;
    const ChainHead before = state.head;
    eventstore::testing::Feed(state.head, entry.bytes, entry.offset.value);
    if (state.head.epoch.value != epoch) state.former = before;
    state.last = entry.bytes;
    state.offset = entry.offset.value + 1;
  }
  return state;
}

void LogWriter::Append(Partition partition, State& state, const eventstore::Blob& bytes,
                       Fate expected) {
  ASSERT_TRUE(log_.Append(partition, {bytes}));
  const auto frame = eventstore::ReadFrame(*bytes);
  ASSERT_TRUE(frame);
  ASSERT_EQ(eventstore::Classify(state.head, Offset{state.offset++}, *frame, *bytes), expected);
  state.last = bytes;
}

void LogWriter::Claim(Partition partition) {
  State& state = At(partition);
  state.former = state.head;
  const auto claim = eventstore::testing::NextClaim(state.head);
  Append(partition, state, eventstore::EncodeClaim(claim), Fate::kCounted);
}

eventstore::Blob LogWriter::Encode(const ChainHead& head,
                                   const std::vector<log::v1::Event>& events) {
  now_ += 1'000'000;
  log::v1::Record record;
  record.set_level(1);
  record.set_epoch(head.epoch.value);
  record.set_epoch_id(std::string(jalon::View(head.epoch_id)));
  record.set_seq(head.seq.value + 1);
  record.set_prev_hash(std::string(jalon::View(head.hash)));
  record.set_recorded_at(now_);
  if (!events.empty()) {
    record.set_request_id("request-id-16byt");
    record.set_body_mac(std::string(32, 'm'));
    record.set_tenant(events[0].tenant());
    record.mutable_actor()->set_person("person-8");
    record.mutable_actor()->set_role(3);
    record.mutable_actor()->set_origin(1);
  }
  for (const log::v1::Event& event : events) record.add_events(event.SerializeAsString());
  return eventstore::EncodeRecord(record);
}

void LogWriter::Record(Partition partition, const std::vector<log::v1::Event>& events) {
  State& state = At(partition);
  if (state.head.epoch.value == 0) Claim(partition);
  events_ += events.size();
  Append(partition, state, Encode(state.head, events), Fate::kCounted);
}

void LogWriter::Copy(Partition partition) {
  State& state = At(partition);
  if (state.last != nullptr) Append(partition, state, state.last, Fate::kVoid);
}

void LogWriter::Zombie(Partition partition) {
  State& state = At(partition);
  if (state.former.epoch.value == 0 || state.former.epoch == state.head.epoch) return;
  Append(partition, state, Encode(state.former, {MakeEvent(kAdd, "zombie", 1)}), Fate::kVoid);
}

log::v1::Event MakeEvent(uint32_t type, std::string_view name, uint64_t number,
                         std::string_view tenant) {
  log::v1::Event event;
  event.set_tenant(std::string(tenant));
  event.set_type(type);
  event.set_aggregate_kind(1);
  event.set_aggregate(std::string(name));
  event.set_version(1);
  event.set_occurred_on(20260901);
  std::string payload;
  wire::AppendNumber(1, number, &payload);
  event.set_payload(payload);
  return event;
}

namespace {

uint64_t NumberOf(const EventView& event) {
  wire::Reader reader(event.payload);
  uint64_t number = 0;
  for (wire::Field field; reader.Next(&field);) number = field.number;
  return number;
}

std::string KeyOf(const EventView& event, char kind, std::string_view rest) {
  return std::string(event.tenant) + kind + std::string(rest);
}

struct TallyRow {
  uint64_t count = 0;
  uint64_t sum = 0;
  std::vector<uint64_t> seqs;

  void Fields(auto& archive) { archive(count, sum, seqs); }
};

class Tally final : public View {
 public:
  Tally(uint32_t version, uint64_t step) : version_(version), step_(step) {}
  std::string_view Name() const override { return "tally"; }
  uint32_t Version() const override { return version_; }
  bool Wants(uint32_t type) const override { return type == kAdd || type == kRemove; }
  void Fold(const EventView& event, ViewRows& rows) const override {
    const std::string key = KeyOf(event, 't', event.aggregate);
    if (event.type == kRemove) return rows.Erase(key);
    auto& row = EditRow<TallyRow>(rows, key);
    row.count += step_;
    row.sum += NumberOf(event);
    row.seqs.push_back(event.seq.value);
  }
  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<TallyRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<TallyRow>(bytes);
  }

 private:
  const uint32_t version_;
  const uint64_t step_;
};

struct RankRow {
  std::string key;

  void Fields(auto& archive) { archive(key); }
};

class Ranks final : public View {
 public:
  std::string_view Name() const override { return "ranks"; }
  uint32_t Version() const override { return 1; }
  bool Wants(uint32_t type) const override { return type == kAdd || type == kRemove; }
  void Fold(const EventView& event, ViewRows& rows) const override {
    const std::string key = KeyOf(event, 'n', event.aggregate);
    if (const auto* row = FindRow<RankRow>(rows, key)) rows.Erase(row->key);
    if (event.type == kRemove) return rows.Erase(key);
    const std::string rank =
        KeyOf(event, 'r', fmt::format("{:08}{}", NumberOf(event), event.aggregate));
    EditRow<RankRow>(rows, key).key = rank;
    PutRow(rows, rank, RankRow{std::string(event.aggregate)});
  }
  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<RankRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<RankRow>(bytes);
  }
};

}  // namespace

std::unique_ptr<const View> MakeTally(uint32_t version, uint64_t step) {
  return std::make_unique<Tally>(version, step);
}
std::unique_ptr<const View> MakeRanks() { return std::make_unique<Ranks>(); }

std::unique_ptr<const ViewSet> MakeTestViews(uint32_t tally_version, uint64_t tally_step) {
  EventTypes known;
  known.set(kAdd).set(kRemove).set(kIgnored);
  std::vector<std::unique_ptr<const View>> views;
  views.push_back(MakeTally(tally_version, tally_step));
  views.push_back(MakeRanks());
  return std::make_unique<const ViewSet>(std::move(views), known);
}

void AppendRandom(LogWriter& writer, std::mt19937_64& random, uint32_t partitions, size_t records) {
  for (size_t i = 0; i < records; ++i) {
    const Partition partition{static_cast<uint32_t>(random() % partitions)};
    std::vector<log::v1::Event> events;
    for (uint64_t left = random() % 5; left != 0; --left) {
      const uint32_t type = random() % 8 == 0 ? kRemove : random() % 8 == 0 ? kIgnored : kAdd;
      // Two tenants, some names longer than a table's entry has room for.
      const std::string name =
          fmt::format("{}{}", random() % 3 == 0 ? std::string(40, 'n') : "n", random() % 30);
      events.push_back(
          MakeEvent(type, name, random() % 1000, random() % 2 == 0 ? kTenant : "another-16-bytes"));
    }
    writer.Record(partition, events);
    if (random() % 10 == 0) writer.Copy(partition);
    if (random() % 20 == 0) writer.Claim(partition);
    if (random() % 20 == 0) writer.Zombie(partition);
  }
}

void StepToEnd(Projector& projector) {
  static int64_t now = 1'000'000;
  while (projector.Step(Micros{++now})) {
  }
  const ProjectorStatus status = projector.Status();
  EXPECT_FALSE(status.error) << status.error->message;
}

std::string Rows(Projector& projector, Partition partition, std::string_view view) {
  std::string rows;
  const auto as_of = DumpView(projector.publication(), partition, view,
                              [&](std::string_view key, std::string_view value) {
                                rows += fmt::format("{} = {}\n", ToHex(key), ToHex(value));
                                return true;
                              });
  EXPECT_TRUE(as_of) << as_of.error().message;
  return rows;
}

std::string AllRows(Projector& projector, const ViewSet& views, uint32_t partitions) {
  std::string rows;
  for (const Partition partition : Partitions(partitions)) {
    for (size_t view = 0; view < views.size(); ++view) {
      rows += fmt::format("-- {} {}\n", partition.value, views[view].Name());
      rows += Rows(projector, partition, views[view].Name());
    }
  }
  return rows;
}

std::vector<MissingView> Everything(const ViewSet& views, uint32_t partitions) {
  std::vector<MissingView> everything;
  for (const Partition partition : Partitions(partitions)) {
    for (size_t view = 0; view < views.size(); ++view) everything.push_back({view, partition});
  }
  return everything;
}

std::vector<BuiltGeneration> WorkToEnd(Rebuild& rebuild, int threads, Error* error) {
  {
    std::vector<std::jthread> workers;
    workers.reserve(static_cast<size_t>(threads));
    for (int i = 0; i < threads; ++i) workers.emplace_back([&rebuild] { rebuild.Work(); });
  }
  auto built = rebuild.Finish();
  if (built) return *std::move(built);
  if (error != nullptr) {
    *error = built.error();
  } else {
    ADD_FAILURE() << built.error().message;
  }
  return {};
}

void AdoptAndStep(Projector& projector, std::vector<BuiltGeneration> built) {
  std::optional<Result<void>> answer;
  projector.Adopt(std::move(built), [&](Result<void> result) { answer = std::move(result); });
  for (int i = 0; i < 1000 && !answer; ++i) StepToEnd(projector);
  ASSERT_TRUE(answer.has_value()) << "what was rebuilt was never swapped in";
  EXPECT_TRUE(*answer) << answer->error().message;
}

std::vector<Partition> Partitions(uint32_t count) {
  std::vector<Partition> partitions;
  partitions.reserve(count);
  for (uint32_t value = 0; value < count; ++value) partitions.push_back(Partition{value});
  return partitions;
}

}  // namespace jalon::projections::testing
