#include "projections/views/root_log.h"

#include <string>
#include <utility>

#include "eventstore/base/wire.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tree.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/system_events.pb.h"
#include "jalon/type/v1/published_log.pb.h"
#include "projections/engine/row_of.h"

namespace jalon::projections {
namespace {

using event::v1::EventBody;
using event::v1::LogsPublished;
using type::v1::PublishedLog;

constexpr char kEntry = 'O';

// What the payload says of a log, read in place. An origin that no root log takes ends the fold.
trail::Checkpoint ReadLog(std::string_view bytes) {
  trail::Checkpoint log;
  wire::Reader reader(bytes);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(PublishedLog::kOriginFieldNumber, wire::Type::kBytes)) {
      log.origin = field.bytes;
    } else if (field.Is(PublishedLog::kSizeFieldNumber, wire::Type::kVarint)) {
      log.size = field.number;
    } else if (field.Is(PublishedLog::kRootFieldNumber, wire::Type::kBytes) &&
               field.bytes.size() == sizeof(Hash)) {
      log.root = HashFrom(field.bytes);
    }
  }
  return log;
}

class RootLog final : public View {
 public:
  std::string_view Name() const override { return kRootLog; }
  uint32_t Version() const override { return kRootLogVersion; }

  bool Wants(uint32_t type) const override { return type == EventBody::kLogsPublishedFieldNumber; }

  void Fold(const EventView& event, ViewRows& rows) const override {
    auto& tree = EditRow<TreeRow>(rows, TreeKey(Key(scope_), OnlyTree()));
    wire::Reader reader(event.payload);
    for (wire::Field field; reader.Next(&field);) {
      if (!field.Is(LogsPublished::kLogsFieldNumber, wire::Type::kBytes)) continue;
      const trail::Checkpoint log = ReadLog(field.bytes);
      if (log.origin.empty() || log.origin.size() > trail::kOriginBytesMax) {
        return rows.Refuse("publishes a log under a name that no log has");
      }
      PutRow(rows, Key(scope_).Add(RootEntryKey(log.origin, log.size)),
             RootEntryRow{.root = log.root, .at = tree.size});
      AppendLeaf(trail::LeafHash(trail::FormatCheckpoint(log)), scope_, OnlyTree(), tree, rows);
    }
  }

  std::unique_ptr<ViewRow> Make(std::string_view key) const override {
    if (IsTreeRow(key)) return MakeTreeRow(key);
    return MakeRow<RootEntryRow>();
  }
  std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const override {
    if (IsTreeRow(key)) return DecodeTreeRow(key, bytes);
    if (key.size() <= kTreeScopeBytes || key[kTreeScopeBytes] != kEntry) return nullptr;
    return DecodeRow<RootEntryRow>(bytes);
  }

 private:
  const Bytes scope_ = PartitionScope();
};

}  // namespace

std::unique_ptr<const View> MakeRootLog() { return std::make_unique<RootLog>(); }

Key RootEntryKey(std::string_view origin, uint64_t size) {
  return Key().Add(kEntry).Add(origin).AddBig64(size);
}

}  // namespace jalon::projections
