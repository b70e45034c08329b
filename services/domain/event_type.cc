#include "services/domain/event_type.h"

#include <google/protobuf/descriptor.h>

#include "eventstore/base/check.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/event.pb.h"

namespace jalon::domain {

EventType EventTypeOf(const google::protobuf::Descriptor* message) {
  const google::protobuf::Descriptor* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    if (registry->field(i)->message_type() != message) continue;
    return {.number = static_cast<uint32_t>(registry->field(i)->number()),
            .trail = message->options().GetExtension(option::v1::event).trail()};
  }
  JALON_CHECK(false && "an event that is not in EventBody");
  return {};
}

std::string_view EventName(uint32_t number) {
  const auto* field =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(number));
  return field == nullptr ? std::string_view() : std::string_view(field->message_type()->name());
}

}  // namespace jalon::domain
