#include "services/api/queries/held.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <memory>

#include "eventstore/base/hash.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/field.pb.h"
#include "jalon/refusal/v1/refusal_reason.pb.h"
#include "jalon/type/v1/actor.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "jalon/type/v1/sealed.pb.h"
#include "services/api/queries/facts.h"
#include "services/domain/explain.h"
#include "services/domain/words/held_words.h"
#include "services/domain/words/value_names.h"

namespace jalon::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using person::v1::HeldActor;
using person::v1::HeldField;
using person::v1::HeldRecord;
using person::v1::HeldSection;
using person::v1::Label;

const Message* PrototypeOf(const Descriptor* type) {
  return type == nullptr ? nullptr : MessageFactory::generated_factory()->GetPrototype(type);
}

// The words, or the thing's own name where there are none.
Label LabelOf(const domain::InBoth* words, const std::string& name) {
  Label label;
  label.set_fr(words == nullptr ? name : std::string(words->In(domain::Language::kFrench)));
  label.set_en(words == nullptr ? name : std::string(words->In(domain::Language::kEnglish)));
  return label;
}

// The value's name, with its words; a number that this program has no name for stands as it is.
std::string ShowChoice(const EnumDescriptor& type, int number, Label* label) {
  const auto* value = type.FindValueByNumber(number);
  if (type.full_name() == refusal::v1::RefusalReason_descriptor()->full_name()) {
    const domain::ReasonWords& words =
        domain::WordsOf(static_cast<refusal::v1::RefusalReason>(number));
    label->set_fr(std::string(words.message_fr));
    label->set_en(std::string(words.message_en));
  } else if (const auto* words = domain::ValueNameOf(type, number); words != nullptr) {
    *label = LabelOf(words, {});
  }
  return value == nullptr ? std::to_string(number) : value->name();
}

void ShowActorOf(const Bytes& encoded, HeldActor* shown) {
  type::v1::Actor actor;
  ShowActor(encoded, &actor);
  shown->set_person_id(ToHex(actor.person_id()));
  shown->set_role(
      ShowChoice(*type::v1::Role_descriptor(), actor.role(), shown->mutable_role_label()));
  shown->set_origin(
      ShowChoice(*type::v1::Origin_descriptor(), actor.origin(), shown->mutable_origin_label()));
  if (!actor.has_on_behalf_of()) return;
  const type::v1::OnBehalfOf& other = actor.on_behalf_of();
  shown->set_on_behalf_of(ToHex(other.person_id()));
  shown->set_channel(
      ShowChoice(*type::v1::Channel_descriptor(), other.channel(), shown->mutable_channel_label()));
  shown->set_document_ref(other.document_ref());
}

// Says nothing: an empty text, a day that is not given, a choice that is not stated.
bool IsNothing(const FieldDescriptor& field, const std::string& value) {
  if (value.empty()) return true;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return value.ends_with("_UNSPECIFIED");
  return field.name().ends_with("_on") && value == "0";
}

}  // namespace

// Where in a record a message stands.
struct HeldRecords::Place {
  google::protobuf::RepeatedPtrField<HeldField>* fields;
  HeldRecord* record;  // null inside a section
  Sections* sections;
  std::string path;  // with a dot at its end; empty: at the top
  Label label;       // with a colon at its end

  // What stands in a field of the message there; `item` -1: it is not repeated.
  std::string PathOf(const FieldDescriptor& field, int item) const {
    return path + field.name() + (item < 0 ? "" : fmt::format("[{}]", item));
  }
  Label LabelTo(const FieldDescriptor& field, int item) const {
    Label whole = LabelOf(domain::FieldWordsOf(field), field.name());
    const std::string number = item < 0 ? "" : fmt::format(" {}", item + 1);
    whole.set_fr(label.fr() + whole.fr() + number);
    whole.set_en(label.en() + whole.en() + number);
    return whole;
  }
};

Result<void> HeldRecords::Show(const projections::PersonRecordRow& row, Sections& sections,
                               HeldRecord* record) {
  const auto* registered =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(row.event.type));
  const Message* known = registered == nullptr ? nullptr : PrototypeOf(registered->message_type());
  const std::unique_ptr<Message> event(known == nullptr ? nullptr : known->New());
  if (event == nullptr || !event->ParseFromString(row.payload)) {
    return Fail(Code::kDataLoss, "INTERNAL",
                fmt::format("view person_records: record {} holds no event that this program "
                            "knows; run the latest one, or rebuild the view",
                            row.event.seq));
  }
  const Descriptor& type = *event->GetDescriptor();
  record->set_position(fmt::format("{}.{}", row.event.seq, row.event.index));
  record->set_type(type.name());
  *record->mutable_label() = LabelOf(domain::EventWordsOf(type), type.name());
  record->set_occurred_on(row.event.occurred_on == 0 ? ""
                                                     : domain::DateText(row.event.occurred_on));
  record->set_recorded_at(ExactTimeText(row.event.recorded_at));
  ShowActorOf(row.actor, record->mutable_actor());
  record->set_about_kind(ShowChoice(*type::v1::AggregateKind_descriptor(),
                                    static_cast<int>(row.aggregate_kind),
                                    record->mutable_about_label()));
  record->set_about_id(ToHex(row.aggregate_id));
  ShowMessage(*event, {.fields = record->mutable_fields(),
                       .record = record,
                       .sections = &sections,
                       .path = {},
                       .label = {}});
  return read_;
}

void HeldRecords::ShowMessage(const Message& message, const Place& place) {
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      for (int item = 0; item < reflection.FieldSize(message, &field); ++item) {
        ShowField(message, field, item, place);
      }
    } else if (field.message_type() == nullptr || reflection.HasField(message, &field)) {
      ShowField(message, field, -1, place);
    }
  }
}

void HeldRecords::ShowField(const Message& message, const FieldDescriptor& field, int item,
                            const Place& place) {
  const auto& reflection = *message.GetReflection();
  const bool repeated = item >= 0;
  if (field.message_type() != nullptr) {
    const Message& inner = repeated ? reflection.GetRepeatedMessage(message, &field, item)
                                    : reflection.GetMessage(message, &field);
    if (field.message_type() == type::v1::Sealed::descriptor()) {
      return ShowSection(inner, field, place);
    }
    Place within = place;
    within.path = place.PathOf(field, item) + ".";
    within.label = place.LabelTo(field, item);
    within.label.mutable_fr()->append(" : ");
    within.label.mutable_en()->append(": ");
    return ShowMessage(inner, within);
  }
  HeldField shown;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = repeated ? reflection.GetRepeatedString(message, &field, item)
                                        : reflection.GetString(message, &field);
      const bool is_id = field.type() == FieldDescriptor::TYPE_BYTES;
      shown.set_value(is_id ? ToHex(text) : text);
      if (is_id && field.name() == "company_id" && !text.empty()) ShowCompany(text, &shown);
      break;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = repeated ? reflection.GetRepeatedEnumValue(message, &field, item)
                                  : reflection.GetEnumValue(message, &field);
      Label label;
      shown.set_value(ShowChoice(*field.enum_type(), number, &label));
      if (!label.fr().empty()) *shown.mutable_value_label() = std::move(label);
      break;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      shown.set_value(reflection.GetBool(message, &field) ? "true" : "false");
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      shown.set_value(std::to_string(repeated ? reflection.GetRepeatedUInt64(message, &field, item)
                                              : reflection.GetUInt64(message, &field)));
      break;
    default: {
      JALON_CHECK(field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32);  // a test sees to it
      const uint32_t number = repeated ? reflection.GetRepeatedUInt32(message, &field, item)
                                       : reflection.GetUInt32(message, &field);
      const bool is_day = field.name().ends_with("_on") && domain::IsDate(number);
      shown.set_value(is_day ? domain::DateText(number) : std::to_string(number));
    }
  }
  if (IsNothing(field, shown.value())) return;
  shown.set_path(place.PathOf(field, item));
  *shown.mutable_label() = place.LabelTo(field, item);
  *place.fields->Add() = std::move(shown);
}

void HeldRecords::ShowSection(const Message& sealed, const FieldDescriptor& field,
                              const Place& place) {
  const auto& section = static_cast<const type::v1::Sealed&>(sealed);
  if (section.subject() != person_id_) return;
  const std::string& inside = field.options().GetExtension(option::v1::opens_as);
  const Message* clear =
      PrototypeOf(DescriptorPool::generated_pool()->FindMessageTypeByName(inside));
  JALON_CHECK(place.record != nullptr && clear != nullptr);  // a test of the contracts sees to it
  HeldSection* shown = place.record->add_sections();
  shown->set_path(place.PathOf(field, -1));
  *shown->mutable_label() = place.LabelTo(field, -1);
  shown->set_state(person::v1::SECTION_STATE_ERASED);
  shown->set_lookup_mac(ToHex(section.lookup_mac()));
  Place within{.fields = shown->mutable_fields(),
               .record = nullptr,
               .sections = nullptr,
               .path = shown->path() + ".",
               .label = shown->label()};
  within.label.mutable_fr()->append(" : ");
  within.label.mutable_en()->append(": ");
  place.sections->AddAny(section.SerializeAsString(), *clear,
                         [this, shown, within](const Message& opened) {
                           shown->set_state(person::v1::SECTION_STATE_OPEN);
                           ShowMessage(opened, within);
                         });
}

void HeldRecords::ShowCompany(const std::string& company_id, HeldField* shown) {
  const auto company = look_up_.Company(projections::CompanyId::Of(company_id));
  if (!company) {
    read_ = std::unexpected(company.error());
    return;
  }
  if (*company == nullptr) return;
  const std::string name = (*company)->site.empty()
                               ? (*company)->name
                               : fmt::format("{}, {}", (*company)->name, (*company)->site);
  shown->mutable_value_label()->set_fr(name);
  shown->mutable_value_label()->set_en(name);
}

std::string ExactTimeText(int64_t micros) {
  if (micros == 0) return {};
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace jalon::api
