#include "services/api/field_check.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>

#include "services/domain/local_date.h"

namespace jalon::api {
namespace {

using domain::Reason;
using domain::RefusalReason;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using option::v1::Limits;

constexpr RefusalReason kFine = refusal::v1::REFUSAL_REASON_UNSPECIFIED;

struct Range {
  char32_t first;
  char32_t last;
};

// Spaces, controls, and marks without width: whoever looks at such a text sees nothing.
constexpr Range kBlanks[] = {{0, 0x20},        {0x7f, 0xa0},     {0xad, 0xad},     {0x1680, 0x1680},
                             {0x180e, 0x180e}, {0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f},
                             {0x3000, 0x3000}, {0xfeff, 0xfeff}};

bool IsBlank(char32_t code) {
  return std::ranges::any_of(
      kBlanks, [code](const Range& range) { return range.first <= code && code <= range.last; });
}

// `text` is UTF-8: protobuf parsed it.
bool IsBlank(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t code = bytes == 1 ? lead : lead & (0xff >> (bytes + 1));
    for (const char c : text.substr(i + 1, bytes - 1)) {
      code = code << 6 | (static_cast<char32_t>(c) & 0x3f);
    }
    if (!IsBlank(code)) return false;
    i += bytes;
  }
  return true;
}

// Controls other than tab and line ends: nobody writes one, and whoever prints the text or keeps it
// in C is led astray.
bool HasControls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
}

// `words`: for people, and not the bytes of an id.
RefusalReason CheckText(const std::string& text, const Limits& limits, bool words, bool is_item) {
  if (text.empty()) return limits.required() || is_item ? Reason::FIELD_REQUIRED : kFine;
  // A reason, a wording or a complement that is only blank would pass for one that is there.
  if (words && IsBlank(text)) {
    return limits.required() || is_item ? Reason::FIELD_REQUIRED : Reason::FIELD_INVALID;
  }
  if (words && HasControls(text)) return Reason::FIELD_INVALID;
  if (limits.bytes_max() != 0 && text.size() > limits.bytes_max()) {
    // An id of another length is wrong, not long.
    return limits.bytes_min() == limits.bytes_max() ? Reason::FIELD_INVALID : Reason::TOO_LARGE;
  }
  if (text.size() < limits.bytes_min()) return Reason::FIELD_INVALID;
  if (limits.code() && !IsCode(text)) return Reason::FIELD_INVALID;
  return kFine;
}

RefusalReason CheckNumber(uint64_t number, const Limits& limits, bool is_item) {
  if (number == 0) return limits.required() || is_item ? Reason::FIELD_REQUIRED : kFine;
  if (limits.value_max() != 0 && number > limits.value_max()) return Reason::FIELD_INVALID;
  if (limits.date() &&
      (number > UINT32_MAX || !domain::IsDate(static_cast<domain::LocalDate>(number)))) {
    return Reason::FIELD_INVALID;
  }
  return kFine;
}

RefusalReason CheckEnum(const FieldDescriptor& field, int number, const Limits& limits) {
  if (number == 0) return limits.required() ? Reason::FIELD_REQUIRED : kFine;
  return field.enum_type()->FindValueByNumber(number) == nullptr ? Reason::FIELD_INVALID : kFine;
}

}  // namespace

bool IsCode(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

RefusalReason CheckField(const Message& message, const FieldDescriptor& field,
                         const Limits& limits) {
  const bool words = field.type() == FieldDescriptor::TYPE_STRING;
  const auto& reflection = *message.GetReflection();
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return CheckText(reflection.GetStringReference(message, &field, &scratch), limits, words,
                       false);
    case FieldDescriptor::CPPTYPE_UINT32:
      return CheckNumber(reflection.GetUInt32(message, &field), limits, false);
    case FieldDescriptor::CPPTYPE_UINT64:
      return CheckNumber(reflection.GetUInt64(message, &field), limits, false);
    case FieldDescriptor::CPPTYPE_ENUM:
      return CheckEnum(field, reflection.GetEnumValue(message, &field), limits);
    default:
      return kFine;  // bool, signed numbers: whatever they are
  }
}

RefusalReason CheckItem(const Message& message, const FieldDescriptor& field, int index,
                        const Limits& limits) {
  const bool words = field.type() == FieldDescriptor::TYPE_STRING;
  const auto& reflection = *message.GetReflection();
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return CheckText(reflection.GetRepeatedStringReference(message, &field, index, &scratch),
                       limits, words, true);
    case FieldDescriptor::CPPTYPE_UINT32:
      return CheckNumber(reflection.GetRepeatedUInt32(message, &field, index), limits, true);
    case FieldDescriptor::CPPTYPE_UINT64:
      return CheckNumber(reflection.GetRepeatedUInt64(message, &field, index), limits, true);
    case FieldDescriptor::CPPTYPE_ENUM:
      return CheckEnum(field, reflection.GetRepeatedEnumValue(message, &field, index), limits);
    default:
      return kFine;
  }
}

RefusalReason CheckCount(int count, const Limits& limits) {
  if (count == 0 && limits.required()) return Reason::FIELD_REQUIRED;
  if (limits.items_max() != 0 && count > static_cast<int>(limits.items_max())) {
    return Reason::TOO_LARGE;
  }
  if (count < static_cast<int>(limits.items_min())) return Reason::FIELD_REQUIRED;
  return kFine;
}

}  // namespace jalon::api
