// The one file that names the JSON library.
#include "services/cli/json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "eventstore/base/hash.h"
#include "services/cli/field.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = nlohmann::ordered_json;

Json ToTree(const Message& message);

// The value of a field, or of its item `index` where that is not negative.
Json ValueOf(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reader = *message.GetReflection();
  const bool item = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return item ? reader.GetRepeatedBool(message, &field, index)
                  : reader.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_INT32:
      return item ? reader.GetRepeatedInt32(message, &field, index)
                  : reader.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return item ? reader.GetRepeatedUInt32(message, &field, index)
                  : reader.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(item ? reader.GetRepeatedInt64(message, &field, index)
                                 : reader.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(item ? reader.GetRepeatedUInt64(message, &field, index)
                                 : reader.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return item ? reader.GetRepeatedFloat(message, &field, index)
                  : reader.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return item ? reader.GetRepeatedDouble(message, &field, index)
                  : reader.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return item ? reader.GetRepeatedEnum(message, &field, index)->name()
                  : reader.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = item ? reader.GetRepeatedString(message, &field, index)
                                    : reader.GetString(message, &field);
      return field.type() == FieldDescriptor::TYPE_BYTES ? ToHex(text) : text;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ToTree(item ? reader.GetRepeatedMessage(message, &field, index)
                         : reader.GetMessage(message, &field));
  }
  return {};
}

Json ToTree(const Message& message) {
  Json tree = Json::object();
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& reader = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.has_presence() && !reader.HasField(message, &field)) continue;
    if (!field.is_repeated()) {
      tree[field.json_name()] = ValueOf(message, field, -1);
      continue;
    }
    Json items = Json::array();
    for (int item = 0; item < reader.FieldSize(message, &field); ++item) {
      items.push_back(ValueOf(message, field, item));
    }
    tree[field.json_name()] = std::move(items);
  }
  return tree;
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t there = std::min<size_t>(3, bytes.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < there ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (size_t i = 0; i < 4; ++i) {
      text += i <= there ? kDigits[group >> (18 - 6 * i) & 0x3f] : '=';
    }
  }
  return text;
}

void Adapt(Json& tree, const Descriptor& type);

// A value as a person may write it becomes what protobuf reads.
void AdaptValue(Json& value, const FieldDescriptor& field) {
  if (value.is_object() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return Adapt(value, *field.message_type());
  }
  if (!value.is_string()) return;
  const auto text = value.get<std::string>();
  std::string bytes;
  if (field.type() == FieldDescriptor::TYPE_BYTES && FromHex(text, &bytes)) {
    value = Base64(bytes);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    if (const auto* choice = ChoiceNamed(*field.enum_type(), text)) value = choice->name();
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 && field.name().ends_with("on")) {
    if (const auto day = ParseDay(text)) value = *day;
  }
}

void Adapt(Json& tree, const Descriptor& type) {
  for (auto& [name, value] : tree.items()) {
    const FieldDescriptor* field = type.FindFieldByCamelcaseName(name);
    if (field == nullptr) field = type.FindFieldByName(name);
    if (field == nullptr) continue;  // protobuf's parser names it
    if (value.is_array() && field->is_repeated()) {
      for (auto& item : value) AdaptValue(item, *field);
    } else {
      AdaptValue(value, *field);
    }
  }
}

// The method that takes the message, as `jalon call` names it: a query's request is XRequest.
std::string CalledBy(const Descriptor& type) {
  constexpr std::string_view kRequest = "Request";
  const std::string& name = type.name();
  return name.ends_with(kRequest) ? name.substr(0, name.size() - kRequest.size()) : name;
}

}  // namespace

std::string ToJson(const Message& message, bool indent) {
  return ToTree(message).dump(indent ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

Result<void> FromJson(std::string_view json, Language language, Message* message) {
  Json tree = Json::parse(json, nullptr, false);
  if (!tree.is_object()) {
    return Fail(
        Code::kInvalidArgument, "MALFORMED",
        Say(language, {"the text is not a JSON object; check its quotes, commas and braces",
                       "le texte n'est pas un objet JSON; vérifiez ses guillemets, virgules "
                       "et accolades"}));
  }
  Adapt(tree, *message->GetDescriptor());
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status = google::protobuf::util::JsonStringToMessage(tree.dump(), message, options);
  if (status.ok()) return {};
  const std::string what(status.message().data(), status.message().size());
  const bool unknown = what.find("Cannot find field") != std::string::npos;
  return Fail(Code::kInvalidArgument, unknown ? "UNKNOWN_FIELD" : "MALFORMED",
              Say(language,
                  {"it does not fit {}: {}; jalon call {} --describe says what does",
                   "ceci ne convient pas à {} : {}; jalon call {} --describe dit ce qui convient"},
                  message->GetDescriptor()->name(), what, CalledBy(*message->GetDescriptor())));
}

std::string JsonObject(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    if (text.size() > 1) text += ',';
    text += JsonText(name) + ':' + value;
  }
  return text + '}';
}

std::string JsonText(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace jalon::cli
