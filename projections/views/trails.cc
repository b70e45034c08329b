#include "projections/views/trails.h"

#include <utility>

#include "eventstore/base/count.h"
#include "eventstore/base/wire.h"
#include "eventstore/trail/entry.h"
#include "eventstore/trail/tree.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "projections/engine/row_of.h"
#include "projections/engine/view_set.h"
#include "projections/views/leaves.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

constexpr char kEntry = 'P';
constexpr size_t kSchoolIdBytes = kTreeScopeBytes;
constexpr size_t kCompanyIdBytes = sizeof(CompanyId);
static_assert(kCompanyIdBytes == kTreeNameBytes);

// Takes the school, or nothing, as `key`.
Key OfEntry(Key key, std::string_view company_id, uint64_t index) {
  return key.Add(kEntry).AddFixed(company_id, kCompanyIdBytes).AddBig64(index);
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

class Trails final : public View {
 public:
  std::string_view Name() const override { return kTrails; }
  uint32_t Version() const override { return kTrailsVersion; }

  bool Wants(uint32_t type) const override { return type < kEventTypesMax && types_[type]; }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (!event.is_leaf) return;
    const std::optional<trail::Place> place = PlaceOfLeaf(event);
    if (!place) return rows.Refuse("holds an event whose place in a trail is malformed");
    auto& row = EditRow<TreeRow>(rows, TreeKey(Key(event.tenant), place->key));
    if (uint64_t size = row.size; !CountNext(place->index, &size)) {
      return rows.Refuse("holds an event that is not the next one of its trail");
    }
    AppendLeaf(trail::LeafHash(event.stored), event.tenant, place->key, row, rows);
    PutRow(rows, OfEntry(Key(event.tenant), place->key, place->index), EntryOf(event));
  }

  std::unique_ptr<ViewRow> Make(std::string_view key) const override {
    if (IsTreeRow(key)) return MakeTreeRow(key);
    return MakeRow<TrailEntryRow>();
  }
  std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const override {
    if (IsTreeRow(key)) return DecodeTreeRow(key, bytes);
    if (key.size() <= kSchoolIdBytes || key[kSchoolIdBytes] != kEntry) return nullptr;
    return DecodeRow<TrailEntryRow>(bytes);
  }

 private:
  const EventTypes types_ = LeafTypes();
};

}  // namespace

std::unique_ptr<const View> MakeTrails() { return std::make_unique<Trails>(); }

CompanyId CompanyOfTrail(std::string_view key) { return CompanyId::Of(key.substr(1)); }

uint64_t IndexOfTrailEntry(std::string_view key) {
  uint64_t index = 0;
  for (const char byte : key.substr(1 + kCompanyIdBytes)) {
    index = index << 8 | static_cast<uint8_t>(byte);
  }
  return index;
}

Key TrailEntryKey(const CompanyId& company_id, uint64_t index) {
  return OfEntry(Key(), company_id.View(), index);
}

Key TrailEntriesPrefix(const CompanyId& company_id) {
  return Key().Add(kEntry).AddFixed(company_id.View(), kCompanyIdBytes);
}

}  // namespace jalon::projections
