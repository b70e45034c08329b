// The words for what stands in answers as a value of an enum: states, roles, verdicts, causes.
//
// Thread safety: any thread.
#pragma once

#include <google/protobuf/descriptor.h>

#include "services/domain/words/in_both.h"

namespace jalon::domain {

// The words for the value, by its enum's full name and number; null for the zero value and for one
// that this program does not know.
const InBoth* ValueNameOf(const google::protobuf::EnumDescriptor& type, int value);

}  // namespace jalon::domain
