#include "proto/example_testing.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace jalon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kNotInEvents = "jalon.type.v1.Sealed.other_years";

const std::map<std::string_view, std::string_view> kTexts = {
    {"code", "5830"},           {"language", "en"},     {"version", "2026"},
    {"module", "850-568"},      {"modules", "850-568"}, {"module_codes", "850-568"},
    {"activity", "a1"},         {"activities", "a1"},   {"objectives", "braking-1"},
    {"objective", "braking-1"},
};

size_t BytesOf(const FieldDescriptor& field) {
  const std::string_view name = field.name();
  const auto ends = [name](std::string_view with) { return name.ends_with(with); };
  if (ends("mac") || ends("hash") || ends("commitment") || name == "epoch_id") return 32;
  if (field.full_name() == "jalon.log.v1.Claim.nonce") return 16;
  if (ends("nonce")) return 24;
  if (ends("stay_id") || ends("school_id") || name == "request_id" || name == "tenant" ||
      name == "cluster_id" || name == "log_incarnation") {
    return 16;
  }
  return 8;
}

// Readable, and of the right length: "stay_id........1".
std::string Bytes(const FieldDescriptor& field, int item) {
  std::string bytes = field.name();
  bytes.resize(BytesOf(field), '.');
  bytes.back() = static_cast<char>('1' + item);
  return bytes;
}

std::string Text(const FieldDescriptor& field, int item) {
  const auto known = kTexts.find(field.name());
  std::string text(known == kTexts.end() ? field.name() : known->second);
  return item == 0 ? text : text + "." + std::to_string(item + 1);
}

uint32_t Number(const FieldDescriptor& field, int item) {
  const auto number = static_cast<uint32_t>(field.number() + item);
  if (field.name().ends_with("_on")) return 20260900 + number;
  if (field.name().ends_with("minutes")) return 60 * number;
  return number;
}

// Never the zero, which would not be written.
int Value(const EnumDescriptor& type, const FieldDescriptor& field, int item) {
  return type.value(1 + (field.number() + item) % (type.value_count() - 1))->number();
}

void Set(const FieldDescriptor& field, int item, int variant, Message* message) {
  const auto& reflection = *message->GetReflection();
  const auto put = [&](auto add, auto set, auto value) {
    if (field.is_repeated()) {
      (reflection.*add)(message, &field, value);
    } else {
      (reflection.*set)(message, &field, value);
    }
  };
  using Reflection = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillExample(variant, field.is_repeated() ? reflection.AddMessage(message, &field)
                                                      : reflection.MutableMessage(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return put(
          &Reflection::AddString, &Reflection::SetString,
          field.type() == FieldDescriptor::TYPE_BYTES ? Bytes(field, item) : Text(field, item));
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&Reflection::AddUInt32, &Reflection::SetUInt32, Number(field, item));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&Reflection::AddUInt64, &Reflection::SetUInt64, uint64_t{Number(field, item)});
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&Reflection::AddInt64, &Reflection::SetInt64,
                 1'788'000'000'000'000 + int64_t{Number(field, item)});
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&Reflection::AddInt32, &Reflection::SetInt32,
                 static_cast<int32_t>(Number(field, item)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&Reflection::AddBool, &Reflection::SetBool, true);
    case FieldDescriptor::CPPTYPE_ENUM:
      return put(&Reflection::AddEnumValue, &Reflection::SetEnumValue,
                 Value(*field.enum_type(), field, item));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(&Reflection::AddDouble, &Reflection::SetDouble, 0.5 + Number(field, item));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put(&Reflection::AddFloat, &Reflection::SetFloat,
                 static_cast<float>(Number(field, item)));
  }
}

}  // namespace

void FillExample(int variant, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto* choice = field.real_containing_oneof();
    if (choice != nullptr && choice->field(variant % choice->field_count()) != &field) continue;
    if (field.full_name() == kNotInEvents) continue;
    const int items = field.is_repeated() ? 2 : 1;
    for (int item = 0; item < items; ++item) Set(field, item, variant, message);
  }
}

int VariantsOf(const Descriptor& type) {
  int variants = 1;
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    variants = std::max(variants, type.oneof_decl(i)->field_count());
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const Descriptor* inner = type.field(i)->message_type();
    if (inner != nullptr) variants = std::max(variants, VariantsOf(*inner));
  }
  return variants;
}

}  // namespace jalon
