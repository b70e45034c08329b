// An example of a message with every field set, for a golden file that people then read.
#pragma once

#include <google/protobuf/message.h>

namespace jalon {

// Fills `message` with values by the names and numbers of its fields, the same ones each time: ids
// of their real length, dates, two items where there are many. Of a oneof it sets the member that
// `variant` says, counted around. An event's Sealed has no `other_years`, which no event holds.
void FillExample(int variant, google::protobuf::Message* message);

// How many variants it takes until every member of every oneof was set.
int VariantsOf(const google::protobuf::Descriptor& type);

}  // namespace jalon
