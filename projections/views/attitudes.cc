#include "projections/views/attitudes.h"

#include "projections/engine/row_of.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::AttitudeObserved;
using event::v1::FollowUpRecorded;

// A stay's id is its student and 8 bytes more: both parts in this order.
Key KeyOf(const EventView& event, uint32_t observation_number) {
  return Key(event.tenant).Add(event.aggregate).AddBig32(observation_number);
}

void FoldObserved(const EventView& event, ViewRows& rows) {
  AttitudeRow attitude;
  attitude.stay_id = StayId::Of(event.aggregate);
  attitude.observed = FactOf(event);
  attitude.observer = event.actor;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == AttitudeObserved::kObservationNumberFieldNumber) {
      attitude.observation_number = field.U32();
    } else if (field.id == AttitudeObserved::kWordsFieldNumber) {
      attitude.words = field.bytes;
    }
  });
  PutRow(rows, KeyOf(event, attitude.observation_number), attitude);
}

void FoldFollowUp(const EventView& event, ViewRows& rows) {
  std::vector<uint32_t> numbers;
  std::string_view words;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == FollowUpRecorded::kObservationNumbersFieldNumber) {
      AppendNumbers(field, &numbers);
    } else if (field.id == FollowUpRecorded::kWordsFieldNumber) {
      words = field.bytes;
    }
  });
  for (const uint32_t number : numbers) {
    const Key key = KeyOf(event, number);
    if (rows.Find(key) == nullptr) continue;
    auto& attitude = EditRow<AttitudeRow>(rows, key);
    attitude.followed_up = FactOf(event);
    attitude.follow_up_actor = event.actor;
    attitude.follow_up_words = words;
  }
}

class Attitudes final : public View {
 public:
  std::string_view Name() const override { return kAttitudes; }
  uint32_t Version() const override { return kAttitudesVersion; }

  bool Wants(uint32_t type) const override {
    return type == EventBody::kAttitudeObserved || type == EventBody::kFollowUpRecorded;
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (event.type == EventBody::kAttitudeObserved) return FoldObserved(event, rows);
    FoldFollowUp(event, rows);
  }

  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<AttitudeRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<AttitudeRow>(bytes);
  }
};

}  // namespace

std::unique_ptr<const View> MakeAttitudes() { return std::make_unique<Attitudes>(); }

Key AttitudesPrefix(const PersonId& student_id) { return Key().Add(student_id.View()); }

}  // namespace jalon::projections
