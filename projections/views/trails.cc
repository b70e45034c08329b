#include "projections/views/trails.h"

#include <google/protobuf/descriptor.h>

#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/count.h"
#include "eventstore/base/wire.h"
#include "eventstore/trail/entry.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tree.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "projections/engine/row_of.h"
#include "projections/engine/view_set.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

constexpr char kHead = 'H';
constexpr char kNode = 'L';
constexpr char kEntry = 'P';
constexpr size_t kSchoolIdBytes = 16;
constexpr size_t kCompanyIdBytes = sizeof(CompanyId);

// Each takes the school, or nothing, as `key`.
Key OfTrail(Key key, char kind, std::string_view company_id) {
  return key.Add(kind).AddFixed(company_id, kCompanyIdBytes);
}
Key OfNode(Key key, std::string_view company_id, unsigned level, uint64_t position) {
  return OfTrail(key, kNode, company_id).Add(static_cast<char>(level)).AddBig64(position);
}
Key OfEntry(Key key, std::string_view company_id, uint64_t index) {
  return OfTrail(key, kEntry, company_id).AddBig64(index);
}

// The types whose events may be leaves, as the registry marks them.
EventTypes LeafTypes() {
  EventTypes types;
  const auto* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    const auto& options = registry->field(i)->message_type()->options();
    if (!options.GetExtension(option::v1::event).trail()) continue;
    types.set(static_cast<size_t>(registry->field(i)->number()));
  }
  return types;
}

// What the payload says in clear, read in place; what cannot be read is left out.
void ReadPayload(const EventView& event, TrailEntryRow* row) {
  using event::v1::EventBody;
  using event::v1::FormativeEstimateReported;
  using event::v1::TutorReportSubmitted;
  // Of all that are about one activity or objective, its code is the same field.
  constexpr uint32_t kAbout = FormativeEstimateReported::kObjectiveFieldNumber;
  static_assert(uint32_t{event::v1::ActivityCompleted::kActivityFieldNumber} == kAbout);
  static_assert(uint32_t{event::v1::ActivityPartlyPerformed::kActivityFieldNumber} == kAbout);
  static_assert(uint32_t{event::v1::ActivityNotPerformed::kActivityFieldNumber} == kAbout);
  const bool is_estimate = event.type == EventBody::kFormativeEstimateReportedFieldNumber;
  const bool is_of_one = is_estimate || event.type == EventBody::kActivityCompletedFieldNumber ||
                         event.type == EventBody::kActivityPartlyPerformedFieldNumber ||
                         event.type == EventBody::kActivityNotPerformedFieldNumber;
  const bool is_report = event.type == EventBody::kTutorReportSubmittedFieldNumber;
  bool not_observed = false;
  wire::Reader reader(event.payload);
  for (wire::Field field; reader.Next(&field);) {
    if (is_of_one && field.Is(kAbout, wire::Type::kBytes)) {
      row->about = field.bytes;
    } else if (is_estimate &&
               field.Is(FormativeEstimateReported::kNotObservedFieldNumber, wire::Type::kVarint)) {
      not_observed = field.number != 0;
    } else if (is_report &&
               field.Is(TutorReportSubmitted::kNotObservedFieldNumber, wire::Type::kBytes)) {
      row->not_observed.emplace_back(field.bytes);
    }
  }
  if (not_observed) row->not_observed.push_back(row->about);
}

TrailEntryRow EntryOf(const EventView& event) {
  TrailEntryRow row{.event = FactOf(event),
                    .offset = event.offset,
                    .actor = Bytes(event.actor),
                    .subject_id = PersonId::Of(event.subject),
                    .aggregate_kind = event.aggregate_kind,
                    .aggregate_id = Bytes(event.aggregate),
                    .about = {},
                    .not_observed = {}};
  ReadPayload(event, &row);
  return row;
}

// Appends the entry to the tree of the row, and writes the rows of what it makes full.
void Append(const EventView& event, const trail::Place& place, TrailRow& row, ViewRows& rows) {
  auto frontier = trail::Frontier::Resume(row.size, std::move(row.roots));
  JALON_CHECK(frontier.has_value());  // Decode takes no other row
  frontier->Append(trail::LeafHash(event.stored), [&](trail::Node node, const Hash& hash) {
    if (node.level % trail::kTileLevels != 0) return;
    PutRow(rows, OfNode(Key(event.tenant), place.key, node.level / trail::kTileLevels, node.index),
           TrailNodeRow{hash});
  });
  row.roots = std::move(*frontier).roots();
  PutRow(rows, OfEntry(Key(event.tenant), place.key, place.index), EntryOf(event));
}

class Trails final : public View {
 public:
  std::string_view Name() const override { return kTrails; }
  uint32_t Version() const override { return kTrailsVersion; }

  bool Wants(uint32_t type) const override { return type < kEventTypesMax && types_[type]; }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (!event.is_leaf) return;
    const std::optional<trail::Place> place = trail::PlaceOf(event.stored);
    if (!place || place->key.size() != kCompanyIdBytes || event.tenant.size() != kSchoolIdBytes) {
      return rows.Refuse("holds an event whose place in a trail is malformed");
    }
    auto& row = EditRow<TrailRow>(rows, OfTrail(Key(event.tenant), kHead, place->key));
    uint64_t size = row.size;
    if (!CountNext(place->index, &size)) {
      return rows.Refuse("holds an event that is not the next one of its trail");
    }
    Append(event, *place, row, rows);
    row.size = size;
  }

  std::unique_ptr<ViewRow> Make(std::string_view key) const override {
    switch (KindOf(key)) {
      case kNode:
        return MakeRow<TrailNodeRow>();
      case kEntry:
        return MakeRow<TrailEntryRow>();
      default:
        return MakeRow<TrailRow>();
    }
  }
  std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const override {
    switch (KindOf(key)) {
      case kHead: {
        auto row = std::make_unique<RowOf<TrailRow>>();
        if (!jalon::Decode(bytes, &row->value) || !row->value.IsTree()) return nullptr;
        return row;
      }
      case kNode:
        return DecodeRow<TrailNodeRow>(bytes);
      case kEntry:
        return DecodeRow<TrailEntryRow>(bytes);
      default:
        return nullptr;
    }
  }

 private:
  static char KindOf(std::string_view key) {
    return key.size() > kSchoolIdBytes ? key[kSchoolIdBytes] : '\0';
  }

  const EventTypes types_ = LeafTypes();
};

}  // namespace

std::unique_ptr<const View> MakeTrails() { return std::make_unique<Trails>(); }

Key TrailKey(const CompanyId& company_id) { return OfTrail(Key(), kHead, company_id.View()); }

Key TrailsPrefix() { return Key().Add(kHead); }

CompanyId CompanyOfTrail(std::string_view key) { return CompanyId::Of(key.substr(1)); }

uint64_t IndexOfTrailEntry(std::string_view key) {
  uint64_t index = 0;
  for (const char byte : key.substr(1 + kCompanyIdBytes)) {
    index = index << 8 | static_cast<uint8_t>(byte);
  }
  return index;
}

Key TrailNodesPrefix(const CompanyId& company_id, unsigned level) {
  return OfTrail(Key(), kNode, company_id.View()).Add(static_cast<char>(level));
}

Key TrailNodeKey(const CompanyId& company_id, unsigned level, uint64_t position) {
  return OfNode(Key(), company_id.View(), level, position);
}

Key TrailEntryKey(const CompanyId& company_id, uint64_t index) {
  return OfEntry(Key(), company_id.View(), index);
}

Key TrailTilePrefix(const CompanyId& company_id, unsigned level, uint64_t tile) {
  static_assert(trail::kTileWidth == 256);  // so the last byte of a position is a place in a tile
  const Key first = TrailNodeKey(company_id, level, tile * trail::kTileWidth);
  return Key(first.view().substr(0, first.view().size() - 1));
}

Key TrailEntriesPrefix(const CompanyId& company_id) {
  return OfTrail(Key(), kEntry, company_id.View());
}

}  // namespace jalon::projections
