// The words for what stands in answers as a value of an enum: states, roles, verdicts, causes.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>
#include <type_traits>

#include "services/cli/words.h"
#include "services/domain/words/value_names.h"

namespace jalon::cli {

// The value in words; empty for the zero value, its number for one that this program does not know.
inline std::string NameIn(Language language, const google::protobuf::EnumDescriptor& type,
                          int value) {
  const Words* words = domain::ValueNameOf(type, value);
  if (words != nullptr) return std::string(words->In(language));
  return value == 0 ? std::string() : std::to_string(value);
}

// Of a generated enum: NameIn(language, type::v1::STAY_STATE_STARTED) is "running".
template <typename Enum>
  requires std::is_enum_v<Enum>
std::string NameIn(Language language, Enum value) {
  return NameIn(language, *google::protobuf::GetEnumDescriptor<Enum>(), value);
}

}  // namespace jalon::cli
