#include "services/cli/subject_schema.h"

#include <google/protobuf/descriptor.h>

#include <nlohmann/json.hpp>

#include "eventstore/base/check.h"
#include "jalon/person/v1/subject_export.pb.h"
#include "jalon/person/v1/transfer.pb.h"

namespace jalon::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

constexpr std::string_view kDay = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$";
constexpr std::string_view kTime =
    "^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z)?$";
constexpr std::string_view kHex = "^([0-9a-f]{2})*$";

// A text of the form that its field's name promises.
Json TextOf(const FieldDescriptor& field) {
  Json text = {{"type", "string"}};
  const std::string& name = field.name();
  if (name.ends_with("_id") || name.ends_with("_mac") || name == "on_behalf_of") {
    text["pattern"] = kHex;
  } else if (name.ends_with("_on")) {
    text["pattern"] = kDay;
  } else if (name.ends_with("_at")) {
    text["pattern"] = kTime;
  } else if (name == "position") {
    text["pattern"] = "^[0-9]+\\.[0-9]+$";
  } else if (name == "format") {
    text = {{"const", field.containing_type()->full_name() + "/1"}};
  }
  return text;
}

void Define(const Descriptor& type, Json* definitions);

Json ValueOf(const FieldDescriptor& field, Json* definitions) {
  if (field.message_type() != nullptr) {
    Define(*field.message_type(), definitions);
    return {{"$ref", "#/$defs/" + field.message_type()->name()}};
  }
  if (field.enum_type() != nullptr) {
    Json names = Json::array();
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      names.push_back(field.enum_type()->value(i)->name());
    }
    return {{"enum", std::move(names)}};
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return {{"type", "boolean"}};
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    return {{"type", "integer"}, {"minimum", 0}};
  }
  JALON_CHECK(field.cpp_type() == FieldDescriptor::CPPTYPE_STRING);  // the contracts have no others
  return TextOf(field);
}

// Every member is there, but for a message that is absent; nothing else is.
Json ObjectOf(const Descriptor& type, Json* definitions) {
  Json properties = Json::object();
  Json required = Json::array();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    Json value = ValueOf(field, definitions);
    if (field.is_repeated()) value = {{"type", "array"}, {"items", std::move(value)}};
    properties[field.json_name()] = std::move(value);
    if (field.is_repeated() || field.message_type() == nullptr) {
      required.push_back(field.json_name());
    }
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

void Define(const Descriptor& type, Json* definitions) {
  if (definitions->contains(type.name())) return;
  (*definitions)[type.name()] = nullptr;  // its place, before what it is made of
  (*definitions)[type.name()] = ObjectOf(type, definitions);
}

std::string Schema(const char* title, const char* description, const Json& document,
                   Json definitions) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", title},
                 {"description", description}};
  schema.update(document);
  schema["$defs"] = std::move(definitions);
  return schema.dump(2) + '\n';
}

}  // namespace

std::string SubjectSchema() {
  Json definitions = Json::object();
  Json document = ObjectOf(*person::v1::SubjectExport::descriptor(), &definitions);
  document["required"].push_back("subject");
  return Schema("Tout ce qui est détenu sur une personne / Everything held on a person",
                "Une exportation de Jalon, telle que « jalon person export » l'écrit. / An export "
                "of Jalon, as 'jalon person export' writes it.",
                document, std::move(definitions));
}

std::string TransferSchema() {
  Json definitions = Json::object();
  const Json document = ObjectOf(*person::v1::TransferDocument::descriptor(), &definitions);
  return Schema(
      "Ce qu'une école dit à une autre d'un élève / What a school tells another one of a "
      "student",
      "Un transfert de Jalon, une fois ouvert; les jours sont des nombres, aaaammjj. / A "
      "transfer of Jalon, once opened; days are numbers, yyyymmdd.",
      document, std::move(definitions));
}

}  // namespace jalon::cli
