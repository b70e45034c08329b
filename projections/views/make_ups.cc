#include "projections/views/make_ups.h"

#include "projections/engine/row_of.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::MakeUpCompleted;
using event::v1::MakeUpDischarged;
using event::v1::MakeUpPlanned;
using event::v1::MakeUpRequired;

constexpr char kList = 'l';
constexpr char kMakeUp = 'm';
constexpr size_t kStayBytes = 16;

Key KeyInList(Key base, const MakeUpRow& make_up) {
  return base.Add(kList)
      .Add(make_up.IsOpen() ? '\0' : '\1')
      .AddBig32(make_up.due_on)
      .Add(make_up.stay_id.View())
      .Add(make_up.activity);
}

void FoldRequired(const EventView& event, MakeUpRow& make_up) {
  make_up = MakeUpRow{};
  make_up.stay_id = StayId::Of(event.aggregate);
  if (event.aggregate.size() > kStayBytes) make_up.activity = event.aggregate.substr(kStayBytes);
  make_up.state = type::v1::MAKE_UP_STATE_REQUIRED;
  make_up.required = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case MakeUpRequired::kModulesFieldNumber:
        make_up.modules.emplace_back(field.bytes);
        break;
      case MakeUpRequired::kOutcomeFieldNumber:
        make_up.outcome = EnumOf<type::v1::OutcomeKind>(field);
        break;
      case MakeUpRequired::kCauseFieldNumber:
        make_up.cause = EnumOf<type::v1::OutcomeCause>(field);
        break;
      default:
        break;
    }
  });
}

void FoldPlanned(const EventView& event, MakeUpRow& make_up) {
  make_up.state = type::v1::MAKE_UP_STATE_PLANNED;
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case MakeUpPlanned::kOwnerIdFieldNumber:
        make_up.owner_id = PersonId::Of(field.bytes);
        break;
      case MakeUpPlanned::kDueOnFieldNumber:
        make_up.due_on = field.U32();
        break;
      case MakeUpPlanned::kSessionIdFieldNumber:
        make_up.session_id = SessionId::Of(field.bytes);
        break;
      default:
        break;
    }
  });
}

void FoldCompleted(const EventView& event, MakeUpRow& make_up) {
  make_up.state = type::v1::MAKE_UP_STATE_COMPLETED;
  make_up.closed_on = event.occurred_on;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == MakeUpCompleted::kSessionIdFieldNumber && !field.bytes.empty()) {
      make_up.session_id = SessionId::Of(field.bytes);
    }
  });
}

void FoldDischarged(const EventView& event, MakeUpRow& make_up) {
  make_up.state = type::v1::MAKE_UP_STATE_DISCHARGED;
  make_up.closed_on = event.occurred_on;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == MakeUpDischarged::kCauseFieldNumber) {
      make_up.discharge = EnumOf<type::v1::DischargeCause>(field);
    }
  });
}

class MakeUps final : public View {
 public:
  std::string_view Name() const override { return kMakeUps; }
  uint32_t Version() const override { return kMakeUpsVersion; }

  bool Wants(uint32_t type) const override {
    return type >= EventBody::kMakeUpRequired && type <= EventBody::kMakeUpDischarged;
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    const Key school(event.tenant);
    auto& make_up = EditRow<MakeUpRow>(rows, Key(school).Add(kMakeUp).Add(event.aggregate));
    if (!make_up.required.IsNone()) rows.Erase(KeyInList(school, make_up));
    switch (event.type) {
      case EventBody::kMakeUpRequired:
        FoldRequired(event, make_up);
        break;
      case EventBody::kMakeUpPlanned:
        FoldPlanned(event, make_up);
        break;
      case EventBody::kMakeUpCompleted:
        FoldCompleted(event, make_up);
        break;
      default:
        FoldDischarged(event, make_up);
        break;
    }
    make_up.latest = FactOf(event);
    PutRow(rows, KeyInList(school, make_up), make_up);
  }

  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<MakeUpRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<MakeUpRow>(bytes);
  }
};

}  // namespace

std::unique_ptr<const View> MakeMakeUps() { return std::make_unique<MakeUps>(); }

Key AllMakeUpsPrefix() { return Key().Add(kList); }
Key MakeUpsPrefix(bool closed) { return AllMakeUpsPrefix().Add(closed ? '\1' : '\0'); }
Key MakeUpListKey(const MakeUpRow& make_up) { return KeyInList(Key(), make_up); }
Key MakeUpKey(const StayId& stay_id, std::string_view activity) {
  return Key().Add(kMakeUp).Add(stay_id.View()).Add(activity);
}

}  // namespace jalon::projections
