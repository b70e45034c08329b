#include "projections/feed/published.h"

#include "eventstore/base/check.h"
#include "jalon/mark/v1/feed.pb.h"

namespace jalon::projections {

using google::protobuf::FieldDescriptor;
using wire::Type;

bool IsPublished(const FieldDescriptor& field) {
  return field.options().GetExtension(mark::v1::feed) == mark::v1::FEED_PUBLISHED;
}

PublishedFields::PublishedFields(const google::protobuf::Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (!IsPublished(field)) continue;
    Rule& rule = rules_[static_cast<uint32_t>(field.number())];
    switch (field.type()) {
      case FieldDescriptor::TYPE_MESSAGE:
        rule.inside = std::make_unique<PublishedFields>(*field.message_type());
        break;
      case FieldDescriptor::TYPE_STRING:
      case FieldDescriptor::TYPE_BYTES:
        break;
      default:
        rule.is_number = true;
        rule.packs = field.is_repeated();
        JALON_CHECK(field.type() != FieldDescriptor::TYPE_GROUP);
        JALON_CHECK(field.cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE);
        JALON_CHECK(field.cpp_type() != FieldDescriptor::CPPTYPE_FLOAT);
    }
  }
}

bool PublishedFields::Copy(std::string_view encoded, std::string* published) const {
  wire::Reader reader(encoded);
  for (wire::Field field; reader.Next(&field);) {
    const auto found = rules_.find(field.id);
    if (found == rules_.end()) continue;
    const Rule& rule = found->second;
    if (rule.inside != nullptr && field.type == Type::kBytes) {
      std::string inside;
      if (!rule.inside->Copy(field.bytes, &inside)) return false;
      wire::AppendBytes(field.id, inside, published);
    } else if (rule.is_number && field.type == Type::kVarint) {
      wire::AppendNumber(field.id, field.number, published);
    } else if (rule.inside == nullptr && field.type == Type::kBytes &&
               (!rule.is_number || rule.packs)) {
      wire::AppendBytes(field.id, field.bytes, published);
    }
  }
  return reader.ok();
}

}  // namespace jalon::projections
