// The published contract: descriptors of exactly what leaves, for decoders in any language. Made of
// the contracts this binary was built from, without the fields that are withheld, without options,
// and without what only those need; so a decoder knows no field that the feed never holds.
//
// Thread safety: any thread.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <string>

namespace jalon::projections {

// What the published messages are made of, beginning with jalon.feed.v1.FeedEvent.
struct PublishedTypes {
  std::set<const google::protobuf::Descriptor*> messages;
  std::set<const google::protobuf::EnumDescriptor*> enums;
};
// Everything that `root` reaches through published fields, itself included.
PublishedTypes TypesWithin(const google::protobuf::Descriptor& root);

// Each file after those that it imports. The same bytes from the same contracts.
const google::protobuf::FileDescriptorSet& PublishedContract();
// Its bytes: what `jalon feed descriptors` writes.
const std::string& PublishedDescriptors();

// ce_dataschema: names the edition of the contract by the hash of those bytes.
const std::string& DataSchema();

}  // namespace jalon::projections
