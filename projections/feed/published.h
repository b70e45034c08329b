// Which fields leave by the public feed, by their marks in the contracts (jalon.mark.v1.feed). Deny
// by default: a field without the mark, a number that no contract knows, a value of another wire
// type than the contract says: none leaves.
//
// Thread safety: const after construction; any thread.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/wire.h"

namespace jalon::projections {

bool IsPublished(const google::protobuf::FieldDescriptor& field);

// The published fields of one message, and of those within.
class PublishedFields {
 public:
  // REQUIRES: no message holds itself, and no published field is a fixed number or a group.
  explicit PublishedFields(const google::protobuf::Descriptor& message);

  // Appends what leaves of the encoded message, in the order in which it stands. False if the bytes
  // are malformed.
  bool Copy(std::string_view encoded, std::string* published) const;

 private:
  struct Rule {
    bool is_number = false;                         // a varint; packed where it is repeated
    bool packs = false;                             // repeated numbers: may stand as bytes
    std::unique_ptr<const PublishedFields> inside;  // of a message
  };

  std::map<uint32_t, Rule> rules_;  // by field number
};

}  // namespace jalon::projections
