// Whether one field satisfies its limits (jalon.option.v1.Limits).
#pragma once

#include <google/protobuf/message.h>

#include "jalon/option/v1/field.pb.h"
#include "services/domain/reason.h"

namespace jalon::api {

// Each gives the reason why not: FIELD_REQUIRED, FIELD_INVALID or TOO_LARGE; the zero value if
// nothing is wrong. Thread safety: any thread.

// A singular field that is no message.
domain::RefusalReason CheckField(const google::protobuf::Message& message,
                                 const google::protobuf::FieldDescriptor& field,
                                 const option::v1::Limits& limits);
// One item of a repeated field that holds no messages.
domain::RefusalReason CheckItem(const google::protobuf::Message& message,
                                const google::protobuf::FieldDescriptor& field, int index,
                                const option::v1::Limits& limits);
// How many items a repeated field has.
domain::RefusalReason CheckCount(int count, const option::v1::Limits& limits);

// Only [A-Za-z0-9._-].
bool IsCode(std::string_view text);

}  // namespace jalon::api
