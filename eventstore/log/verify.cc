#include "eventstore/log/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/log/genesis.h"

namespace jalon::eventstore {
namespace {

// Half a SHA-256 stands for the name of an aggregate or trail.
using Name = std::array<uint8_t, 16>;
struct NameHash {
  size_t operator()(const Name& name) const {
    size_t hash;
    std::memcpy(&hash, name.data(), sizeof hash);
    return hash;
  }
};
using NextNumbers = std::unordered_map<Name, uint64_t, NameHash>;

Name NameOf(std::initializer_list<std::string_view> parts) {
  // Lengths keep ("a", "bc") and ("ab", "c") apart.
  std::string whole;
  for (const std::string_view part : parts) {
    whole += std::to_string(part.size());
    whole += ':';
    whole += part;
  }
  const Hash hash = Sha256(whole);
  Name name;
  std::copy_n(hash.begin(), name.size(), name.begin());
  return name;
}

class Verifier {
 public:
  explicit Verifier(const Birth& birth) : birth_(birth), states_(birth.Partitions()) {
    report_.partitions.resize(birth.Partitions());
  }

  void Read(const StoredEntry& entry);
  void Find(Partition partition, Offset offset, std::string what) {
    ++report_.findings_total;
    if (report_.findings.size() == VerifyReport::kFindingsMax) return;
    report_.findings.push_back({partition, offset, std::move(what)});
  }
  // Once all was read.
  void ReadEnd() {
    for (uint32_t p = 0; p < states_.size(); ++p) {
      const uint64_t entries = report_.partitions[p].entries;
      if (entries >= states_[p].copied.entries()) continue;
      Find(Partition{p}, Offset{entries},
           fmt::format("it is a copy of which {} entries of {} are there: the copy did not end",
                       entries, states_[p].copied.entries()));
    }
  }
  VerifyReport Take() {
    for (size_t p = 0; p < states_.size(); ++p) report_.partitions[p].head = states_[p].head;
    return std::move(report_);
  }

 private:
  struct State {
    ChainHead head;
    int64_t recorded_at = 0;
    bool stopped = false;
    log::v1::Ancestor copied;  // what the genesis says that it is a copy of
  };
  void ReadCounted(const StoredEntry& entry, const EntryFrame& frame);
  void ReadGenesis(const StoredEntry& entry, const EntryFrame& frame);
  void ReadRecord(const StoredEntry& entry, const EntryFrame& frame);
  void ReadEvent(const StoredEntry& entry, const log::v1::Record& record, std::string_view bytes);

  const Birth birth_;
  std::vector<State> states_;
  NextNumbers versions_;  // the last version of each aggregate
  NextNumbers trails_;    // how many entries each trail has
  VerifyReport report_;
};

void Verifier::Read(const StoredEntry& entry) {
  State& state = states_[entry.partition.value];
  PartitionReport& report = report_.partitions[entry.partition.value];
  ++report.entries;
  if (state.stopped) return;
  const Result<EntryFrame> frame = ReadFrame(*entry.bytes);
  if (!frame) {
    state.stopped = true;
    Find(entry.partition, entry.offset, frame.error().message);
    return;
  }
  switch (Classify(state.head, entry.offset, *frame, *entry.bytes)) {
    case Fate::kVoid:
      ++report.voids;
      break;
    case Fate::kCounted:
      ReadCounted(entry, *frame);
      break;
    case Fate::kDiverged:
      state.stopped = true;
      Find(entry.partition, entry.offset, "the chain of hashes breaks: it diverged here");
      break;
    case Fate::kTooNew:
      state.stopped = true;
      Find(entry.partition, entry.offset, "it was written for a newer version of this program");
      break;
  }
  if (entry.offset.value + 1 == state.copied.entries() &&
      state.copied.hash() != View(state.head.hash)) {
    Find(entry.partition, entry.offset, "what was copied is not what its genesis says");
  }
}

void Verifier::ReadCounted(const StoredEntry& entry, const EntryFrame& frame) {
  switch (frame.kind) {
    case EntryFrame::Kind::kGenesis:
      return ReadGenesis(entry, frame);
    case EntryFrame::Kind::kClaim:
      ++report_.partitions[entry.partition.value].claims;
      return;
    case EntryFrame::Kind::kRecord:
      return ReadRecord(entry, frame);
  }
}

void Verifier::ReadGenesis(const StoredEntry& entry, const EntryFrame& frame) {
  log::v1::Genesis genesis;
  if (!genesis.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size())) ||
      !IsGenesisOf(genesis, birth_, entry.partition)) {
    Find(entry.partition, entry.offset, "its genesis is of another birth than partition 0's");
  }
  if (genesis.ancestors().empty()) return;
  states_[entry.partition.value].copied = genesis.ancestors(genesis.ancestors_size() - 1);
}

void Verifier::ReadRecord(const StoredEntry& entry, const EntryFrame& frame) {
  PartitionReport& report = report_.partitions[entry.partition.value];
  State& state = states_[entry.partition.value];
  ++report.records;
  log::v1::Record record;
  if (!record.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size()))) {
    return Find(entry.partition, entry.offset, "the record cannot be parsed");
  }
  if (record.recorded_at() < state.recorded_at) {
    Find(entry.partition, entry.offset,
         fmt::format("recorded_at goes back from {} to {}", state.recorded_at,
                     record.recorded_at()));
  }
  state.recorded_at = record.recorded_at();
  if (record.reply().size() > limits::kReplyBytesMax) {
    Find(entry.partition, entry.offset, "the reply is over its limit");
  }
  report.events += static_cast<uint64_t>(record.events_size());
  report.barriers += record.events_size() == 0 && !record.has_feature_level_raised();
  for (const std::string& event : record.events()) ReadEvent(entry, record, event);
}

void Verifier::ReadEvent(const StoredEntry& entry, const log::v1::Record& record,
                         std::string_view bytes) {
  log::v1::Event event;
  if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Find(entry.partition, entry.offset, "an event cannot be parsed");
  }
  if (event.tenant() != record.tenant()) {
    Find(entry.partition, entry.offset, "an event is of another tenant than its record");
  }
  const std::string kind = std::to_string(event.aggregate_kind());
  uint64_t& version = versions_[NameOf({event.tenant(), kind, event.aggregate()})];
  if (event.version() != ++version) {
    Find(entry.partition, entry.offset,
         fmt::format("aggregate {} of kind {}: version {} where {} comes next",
                     ToHex(event.aggregate()), kind, event.version(), version));
    version = event.version();
  }
  if (!event.has_trail()) return;
  uint64_t& next = trails_[NameOf({event.tenant(), event.trail().key()})];
  if (event.trail().index() != next) {
    Find(entry.partition, entry.offset,
         fmt::format("trail {}: index {} where {} comes next", ToHex(event.trail().key()),
                     event.trail().index(), next));
  }
  next = event.trail().index() + 1;
  if (event.trail().recorded_at() != record.recorded_at()) {
    Find(entry.partition, entry.offset, "a trail entry has another time than its record");
  }
  if (bytes.size() > limits::kTrailEventBytesMax) {
    Find(entry.partition, entry.offset, "a trail event is over its limit");
  }
}

}  // namespace

Result<VerifyReport> VerifyLog(Log& log, const VerifyProgress& progress) {
  JALON_ASSIGN_OR_RETURN(const log::v1::Genesis genesis, ReadGenesis(log, Partition{0}));
  const Birth birth = BirthOf(genesis);
  std::vector<Start> from;
  std::vector<uint64_t> heads;
  uint64_t total = 0;
  for (uint32_t p = 0; p < birth.Partitions(); ++p) {
    JALON_ASSIGN_OR_RETURN(const Offset head, log.Head(Partition{p}));
    from.push_back({Partition{p}, Offset{0}});
    heads.push_back(head.value);
    total += head.value;
  }
  JALON_ASSIGN_OR_RETURN(const auto follower, log.Follow(from, [] {}));
  Verifier verifier(birth);
  for (uint64_t done = 0; done < total;) {
    if (progress && !progress(done, total)) {
      return Fail(Code::kCancelled, "CANCELLED", "the check was cancelled");
    }
    const auto entries = follower->Poll({});
    if (!entries) {
      verifier.Find(Partition{0}, Offset{0},
                    "the log cannot be read on: " + entries.error().message);
      return verifier.Take();
    }
    if (entries->empty()) {
      verifier.Find(Partition{0}, Offset{0},
                    fmt::format("the log ends after {} of {} entries", done, total));
      break;
    }
    for (const StoredEntry& entry : *entries) {
      if (entry.offset.value >= heads[entry.partition.value]) continue;  // came meanwhile
      verifier.Read(entry);
      ++done;
    }
  }
  if (progress) progress(total, total);
  verifier.ReadEnd();
  return verifier.Take();
}

}  // namespace jalon::eventstore
