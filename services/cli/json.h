// Messages as JSON for people and programs: protobuf's JSON, but ids stand in hexadecimal, as
// everywhere a person reads them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "eventstore/base/result.h"
#include "services/cli/words.h"

namespace google::protobuf {
class Message;
}

namespace jalon::cli {

// The message on one line or, with `indent`, on several. Names in lowerCamelCase, every field
// present, bytes in lower-case hexadecimal, enums by name, 64-bit numbers as strings, a message
// that is absent left out.
std::string ToJson(const google::protobuf::Message& message, bool indent);

// Fills `message` from JSON, as ToJson writes it or as protobuf does. Bytes: text of hexadecimal
// digits only, an even number of them, is hexadecimal; any other is base64. A field whose name ends
// in "on" takes "2026-09-01" too, an enum its names without their common prefix, in any case.
// INVALID_ARGUMENT MALFORMED or UNKNOWN_FIELD, with the place and in the language, for what does
// not fit; a field that the message does not have never vanishes (R20).
Result<void> FromJson(std::string_view json, Language language, google::protobuf::Message* message);

// {"name":value,...}, the values being JSON already.
std::string JsonObject(std::initializer_list<std::pair<std::string_view, std::string>> members);
// A JSON string.
std::string JsonText(std::string_view text);

}  // namespace jalon::cli
