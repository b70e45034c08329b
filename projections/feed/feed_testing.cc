#include "projections/feed/feed_testing.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <memory>

#include "eventstore/log/log_testing.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "projections/feed/published.h"
#include "proto/example_testing.h"

namespace jalon::projections::testing {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

// Every text and all bytes of the message, and within.
void PlantCanaries(Message* message) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int items = field->is_repeated() ? reflection.FieldSize(*message, field) : 1;
    for (int i = 0; i < items; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        PlantCanaries(field->is_repeated() ? reflection.MutableRepeatedMessage(message, field, i)
                                           : reflection.MutableMessage(message, field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && field->is_repeated()) {
        reflection.SetRepeatedString(message, field, i, CanaryOf(*field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        reflection.SetString(message, field, CanaryOf(*field));
      }
    }
  }
}

}  // namespace

std::vector<uint32_t> AllEventTypes() {
  const auto& registry = *event::v1::EventBody::descriptor();
  std::vector<uint32_t> types;
  types.reserve(static_cast<size_t>(registry.field_count()));
  for (int i = 0; i < registry.field_count(); ++i) {
    const auto& options = registry.field(i)->message_type()->options();
    if (options.GetExtension(option::v1::event).system()) continue;  // of no school
    types.push_back(static_cast<uint32_t>(registry.field(i)->number()));
  }
  return types;
}

std::vector<uint32_t> LeavingEventTypes() {
  std::vector<uint32_t> types = AllEventTypes();
  std::erase_if(types, [](uint32_t type) {
    return !IsPublished(
        *event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(type)));
  });
  return types;
}

std::string CanaryOf(const FieldDescriptor& field) { return "<" + field.full_name() + ">"; }

log::v1::Event FullEvent(uint32_t type, int variant) {
  event::v1::EventBody body;
  const FieldDescriptor* field =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(type));
  Message* payload = body.GetReflection()->MutableMessage(&body, field);
  FillExample(variant, payload);
  PlantCanaries(payload);
  log::v1::Event event = MakeEvent(type, "aggregate", 1, kTenant);
  event.set_aggregate_kind(8);
  event.set_subject("student8");
  event.set_payload(payload->SerializeAsString());
  event.mutable_actor()->set_person("<actor>.");
  event.mutable_actor()->set_role(4);
  event.mutable_actor()->set_origin(2);
  event.mutable_actor()->set_on_behalf_of("<on behalf of>");
  return event;
}

std::vector<FeedRecord> FeedOf(eventstore::Log& log, const eventstore::Birth& birth,
                               Partition partition) {
  Cursor cursor;
  std::vector<FeedRecord> records;
  for (const auto& entry : eventstore::testing::ReadAll(log, partition, Offset{0})) {
    const auto read =
        ReadFeed(cursor, birth.began_at, partition, entry.offset, *entry.bytes, &records);
    EXPECT_TRUE(read) << read.error().message;
  }
  return records;
}

}  // namespace jalon::projections::testing
