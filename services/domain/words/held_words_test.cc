#include "services/domain/words/held_words.h"

#include <gtest/gtest.h>

#include <set>

#include "google/protobuf/descriptor.h"
#include "jalon/event/v1/catalogue_events.pb.h"
#include "jalon/event/v1/company_events.pb.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "jalon/option/v1/field.pb.h"
#include "jalon/refusal/v1/refusal_reason.pb.h"
#include "jalon/type/v1/sealed.pb.h"
#include "services/domain/words/value_names.h"

namespace jalon::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Events that are about no person: what a school is, teaches, and with whom.
bool IsAboutNobody(const Descriptor& event) {
  return event.options().GetExtension(option::v1::event).system() ||
         event.file() == event::v1::ProgrammeAdopted::descriptor()->file() ||
         event.file() == event::v1::HostCompanyRegistered::descriptor()->file() ||
         &event == event::v1::SchoolRegistered::descriptor() ||
         &event == event::v1::PolicySet::descriptor();
}

void CheckChoices(const EnumDescriptor& type) {
  if (&type == refusal::v1::RefusalReason_descriptor()) return;  // explain_test
  for (int i = 1; i < type.value_count(); ++i) {
    EXPECT_NE(ValueNameOf(type, type.value(i)->number()), nullptr)
        << type.value(i)->name() << ": a row in value_names.cc";
  }
}

void CheckFields(const Descriptor& type, std::set<const Descriptor*>* seen) {
  if (!seen->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    EXPECT_NE(FieldWordsOf(field), nullptr) << field.full_name() << ": a row in held_words.cc";
    if (field.enum_type() != nullptr) CheckChoices(*field.enum_type());
    if (field.message_type() == nullptr) continue;
    if (field.message_type() != type::v1::Sealed::descriptor()) {
      CheckFields(*field.message_type(), seen);
      continue;
    }
    const std::string& inside = field.options().GetExtension(option::v1::opens_as);
    CheckFields(*DescriptorPool::generated_pool()->FindMessageTypeByName(inside), seen);
  }
}

TEST(HeldWords, EveryEventAboutAPersonAndEveryFieldInItHasWords) {
  std::set<const Descriptor*> seen;
  size_t events = 0;
  const auto* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    const Descriptor& event = *registry->field(i)->message_type();
    if (IsAboutNobody(event)) continue;
    ++events;
    EXPECT_NE(EventWordsOf(event), nullptr) << event.name() << ": a row in held_words.cc";
    CheckFields(event, &seen);
  }
  EXPECT_GT(events, 30u);
}

}  // namespace
}  // namespace jalon::domain
