#include "projections/feed/page.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <map>
#include <vector>

#include "projections/feed/contract.h"
#include "projections/feed/feed.h"
#include "projections/feed/published.h"

namespace jalon::projections {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr const char* kRoot = "jalon/feed/v1/feed_event.proto";
constexpr std::string_view kRegistry = "EventBody";

// The comment above a declaration, on one line.
template <typename Declared>
std::string CommentOf(const Declared& declared) {
  google::protobuf::SourceLocation location;
  if (!declared.GetSourceLocation(&location)) return {};
  std::string text;
  for (const char c : location.leading_comments) {
    if (c != '\n' && c != ' ') {
      text += c == '|' ? '/' : c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string AnchorOf(std::string_view name) {
  std::string anchor(name);
  for (char& c : anchor) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return anchor;
}

std::string TypeOf(const FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->name();
  if (field.enum_type() != nullptr) type = field.enum_type()->name();
  if (field.message_type() != nullptr || field.enum_type() != nullptr) {
    if (type == kRegistry) return "one of the [events](#events)";
    type = fmt::format("[{}](#{})", type, AnchorOf(type));
  }
  return field.is_repeated() ? type + ", many" : type;
}

// The table of what leaves, and the line of what does not.
std::string FieldsOf(const Descriptor& message) {
  std::string rows;
  std::string withheld;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (IsPublished(field)) {
      rows += fmt::format("| {} | `{}` | {} | {} |\n", field.number(), field.name(), TypeOf(field),
                          CommentOf(field));
    } else {
      withheld += fmt::format("{}`{}`", withheld.empty() ? "" : ", ", field.name());
    }
  }
  std::string text;
  if (!rows.empty()) text += "\n| | field | type | |\n|---|---|---|---|\n" + rows;
  if (rows.empty()) text += "\nNo field but those of FeedEvent.\n";
  if (!withheld.empty()) text += "\nNever in it: " + withheld + ".\n";
  return text;
}

std::string EventsOf(const Descriptor& registry) {
  std::string text = "\n## Events\n\nEach stands in `body` under its name and number.\n";
  for (int i = 0; i < registry.field_count(); ++i) {
    const FieldDescriptor& field = *registry.field(i);
    const Descriptor& message = *field.message_type();
    text += fmt::format("\n### {}\n\n", message.name());
    if (!IsPublished(field)) {
      text += "Not in the feed.\n";
      continue;
    }
    text += fmt::format("`{}`: `body.{}`, {}. {}\n", FeedTypeOf(message), field.name(),
                        field.number(), CommentOf(message));
    text += FieldsOf(message);
  }
  return text;
}

std::string PartsOf(const PublishedTypes& types, const Descriptor& registry) {
  std::map<std::string, const Descriptor*> messages;  // by name: the same order each time
  for (const Descriptor* message : types.messages) messages[message->name()] = message;
  for (int i = 0; i < registry.field_count(); ++i) {
    messages.erase(registry.field(i)->message_type()->name());
  }
  messages.erase(registry.name());
  messages.erase("FeedEvent");
  std::string text = "\n## Parts of events\n";
  for (const auto& [name, message] : messages) {
    text += fmt::format("\n### {}\n\n{}\n{}", name, CommentOf(*message), FieldsOf(*message));
  }
  return text;
}

std::string EnumsOf(const PublishedTypes& types) {
  std::map<std::string, const EnumDescriptor*> enums;
  for (const EnumDescriptor* type : types.enums) enums[type->name()] = type;
  std::string text = "\n## Words\n";
  for (const auto& [name, type] : enums) {
    text += fmt::format("\n### {}\n\n{}\n\n| | word | |\n|---|---|---|\n", name, CommentOf(*type));
    for (int i = 0; i < type->value_count(); ++i) {
      const auto& value = *type->value(i);
      text += fmt::format("| {} | `{}` | {} |\n", value.number(), value.name(), CommentOf(value));
    }
  }
  return text;
}

}  // namespace

Result<std::string> ContractPage(const std::string& preface, const std::string& sources) {
  google::protobuf::FileDescriptorSet files;
  google::protobuf::DescriptorPool pool;
  bool built = files.ParseFromString(sources);
  for (const auto& file : files.file()) built = built && pool.BuildFile(file) != nullptr;
  const auto* file = pool.FindFileByName(kRoot);
  if (!built || file == nullptr) {
    return Fail(Code::kInvalidArgument, "CONTRACT_UNREADABLE",
                fmt::format("these are no descriptors of {}: have protoc make them", kRoot));
  }
  const Descriptor& root = *file->FindMessageTypeByName("FeedEvent");
  const Descriptor& registry = *root.FindFieldByName("body")->message_type();
  const PublishedTypes types = TypesWithin(root);
  return preface + fmt::format("\n## FeedEvent\n\n{}\n{}", CommentOf(root), FieldsOf(root)) +
         EventsOf(registry) + PartsOf(types, registry) + EnumsOf(types);
}

}  // namespace jalon::projections
