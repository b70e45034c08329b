#include "projections/views/person_records.h"

#include <google/protobuf/descriptor.h>

#include <array>

#include "jalon/event/v1/catalogue_events.pb.h"
#include "jalon/event/v1/company_events.pb.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "projections/engine/row_of.h"
#include "projections/engine/view_set.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

constexpr size_t kPersonIdBytes = sizeof(PersonId);

// What may be about a person: whatever a school records, but for what it teaches and its companies.
EventTypes TypesAboutPersons() {
  const std::array files = {event::v1::ProgrammeAdopted::descriptor()->file(),
                            event::v1::HostCompanyRegistered::descriptor()->file()};
  EventTypes types;
  const auto* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    const auto& message = *registry->field(i)->message_type();
    if (message.options().GetExtension(option::v1::event).system()) continue;
    if (message.file() == files[0] || message.file() == files[1]) continue;
    types.set(static_cast<size_t>(registry->field(i)->number()));
  }
  types.reset(EventBody::kSchoolRegisteredFieldNumber);
  types.reset(EventBody::kPolicySetFieldNumber);
  return types;
}

class PersonRecords final : public View {
 public:
  std::string_view Name() const override { return kPersonRecords; }
  uint32_t Version() const override { return kPersonRecordsVersion; }

  bool Wants(uint32_t type) const override { return type < kEventTypesMax && types_[type]; }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (event.subject.size() != kPersonIdBytes) return;  // about nobody
    const Key key =
        Key(event.tenant).Add(event.subject).AddBig64(event.seq.value).AddBig32(event.index);
    PutRow(rows, key,
           PersonRecordRow{.event = FactOf(event),
                           .actor = Bytes(event.actor),
                           .aggregate_kind = event.aggregate_kind,
                           .aggregate_id = Bytes(event.aggregate),
                           .payload = Bytes(event.payload)});
  }

  std::unique_ptr<ViewRow> Make(std::string_view) const override {
    return MakeRow<PersonRecordRow>();
  }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<PersonRecordRow>(bytes);
  }

 private:
  const EventTypes types_ = TypesAboutPersons();
};

}  // namespace

std::unique_ptr<const View> MakePersonRecords() { return std::make_unique<PersonRecords>(); }

Key PersonRecordsPrefix(const PersonId& person_id) { return Key().Add(person_id.View()); }

}  // namespace jalon::projections
