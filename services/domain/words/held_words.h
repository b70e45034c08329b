// What stands in an event, in words, for the person that it is about: its type, and each of its
// fields.
//
// Thread safety: any thread.
#pragma once

#include <google/protobuf/descriptor.h>

#include "services/domain/words/in_both.h"

namespace jalon::domain {

// The words for the event's type; null for one that this program has none for.
const InBoth* EventWordsOf(const google::protobuf::Descriptor& event);
// The words for a field of an event, or of what was sealed in one; null as above.
const InBoth* FieldWordsOf(const google::protobuf::FieldDescriptor& field);

}  // namespace jalon::domain
