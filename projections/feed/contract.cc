#include "projections/feed/contract.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/feed/v1/feed_event.pb.h"
#include "projections/feed/published.h"

namespace jalon::projections {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

constexpr size_t kSchemaHashBytes = 4;

void Collect(const Descriptor& message, PublishedTypes* types) {
  if (!types->messages.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (!IsPublished(field)) continue;
    if (field.enum_type() != nullptr) types->enums.insert(field.enum_type());
    if (field.message_type() != nullptr) Collect(*field.message_type(), types);
  }
}

// The message with its published fields only; a oneof that is left empty goes with its fields.
DescriptorProto Publish(const Descriptor& message) {
  DescriptorProto whole;
  message.CopyTo(&whole);
  DescriptorProto published;
  published.set_name(whole.name());
  std::vector<int> oneofs(static_cast<size_t>(whole.oneof_decl_size()), -1);
  for (int i = 0; i < message.field_count(); ++i) {
    if (!IsPublished(*message.field(i))) continue;
    auto* field = published.add_field();
    *field = whole.field(i);
    field->clear_options();
    if (!field->has_oneof_index()) continue;
    int& place = oneofs[static_cast<size_t>(field->oneof_index())];
    if (place < 0) {
      place = published.oneof_decl_size();
      published.add_oneof_decl()->set_name(whole.oneof_decl(field->oneof_index()).name());
    }
    field->set_oneof_index(place);
  }
  return published;
}

EnumDescriptorProto Publish(const EnumDescriptor& type) {
  EnumDescriptorProto published;
  type.CopyTo(&published);
  published.clear_options();
  for (auto& value : *published.mutable_value()) value.clear_options();
  return published;
}

// The files that hold a type which a published field of this message names.
void CollectImports(const Descriptor& message, std::set<std::string>* imports) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (!IsPublished(field)) continue;
    if (field.enum_type() != nullptr) imports->insert(field.enum_type()->file()->name());
    if (field.message_type() != nullptr) imports->insert(field.message_type()->file()->name());
  }
}

// In the order of their declaration.
FileDescriptorProto Publish(const FileDescriptor& file, const PublishedTypes& types) {
  FileDescriptorProto published;
  published.set_name(file.name());
  published.set_package(file.package());
  published.set_syntax("proto3");
  std::set<std::string> imports;
  for (int i = 0; i < file.message_type_count(); ++i) {
    if (!types.messages.contains(file.message_type(i))) continue;
    *published.add_message_type() = Publish(*file.message_type(i));
    CollectImports(*file.message_type(i), &imports);
  }
  for (int i = 0; i < file.enum_type_count(); ++i) {
    if (types.enums.contains(file.enum_type(i))) {
      *published.add_enum_type() = Publish(*file.enum_type(i));
    }
  }
  imports.erase(file.name());
  for (const std::string& import : imports) published.add_dependency(import);
  return published;
}

FileDescriptorSet MakeContract() {
  const PublishedTypes types = TypesWithin(*feed::v1::FeedEvent::descriptor());
  std::map<std::string, const FileDescriptor*> files;  // by name: the same order everywhere
  for (const Descriptor* message : types.messages) files[message->file()->name()] = message->file();
  for (const EnumDescriptor* type : types.enums) files[type->file()->name()] = type->file();
  std::vector<FileDescriptorProto> waiting;
  waiting.reserve(files.size());
  for (const auto& [name, file] : files) waiting.push_back(Publish(*file, types));
  FileDescriptorSet contract;
  std::set<std::string> there;
  while (!waiting.empty()) {  // imports have no cycle: each turn finds one
    const auto next = std::ranges::find_if(waiting, [&](const FileDescriptorProto& file) {
      return std::ranges::all_of(file.dependency(),
                                 [&](const std::string& import) { return there.contains(import); });
    });
    there.insert(next->name());
    *contract.add_file() = std::move(*next);
    waiting.erase(next);
  }
  return contract;
}

}  // namespace

PublishedTypes TypesWithin(const Descriptor& root) {
  PublishedTypes types;
  Collect(root, &types);
  return types;
}

const FileDescriptorSet& PublishedContract() {
  static const FileDescriptorSet kContract = MakeContract();
  return kContract;
}

// No map field in a descriptor: equal messages have equal bytes.
const std::string& PublishedDescriptors() {
  static const std::string kBytes = PublishedContract().SerializeAsString();
  return kBytes;
}

const std::string& DataSchema() {
  static const std::string kName =
      "/schemas/jalon.events.v1?d=" +
      ToHex(jalon::View(Sha256(PublishedDescriptors())).substr(0, kSchemaHashBytes));
  return kName;
}

}  // namespace jalon::projections
