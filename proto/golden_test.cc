// Stored bytes are for ever: what proto/golden holds of every event and log entry is read and
// written alike by each later build. Its README.md tells the format.
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "jalon/access/v1/access_entry.pb.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/log/v1/log.pb.h"
#include "proto/example_testing.h"

namespace jalon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr char kFolder[] = "proto/golden";
constexpr size_t kHexPerLine = 96;

// One block of a golden file.
struct Golden {
  std::string place;  // file and line
  std::string name;   // "jalon.event.v1.HoursLogged 72"
  std::string text;
  std::string hex;
};

std::vector<Golden> ReadAll() {
  std::vector<Golden> all;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    if (file.path().extension() != ".golden") continue;
    std::ifstream stream(file.path());
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      if (line.empty() || line[0] == '#') continue;
      if (line.starts_with("jalon.")) {
        all.push_back({fmt::format("{}:{}", file.path().string(), number), line, "", ""});
      } else if (all.empty() || (line[0] != ' ' && !line.starts_with("= "))) {
        ADD_FAILURE() << file.path() << ":" << number << ": not understood: " << line;
      } else {
        (line[0] == ' ' ? all.back().text : all.back().hex) += line.substr(2);
        if (line[0] == ' ') all.back().text += '\n';
      }
    }
  }
  return all;
}

// What is stored, by the name that a block has: a payload with its number, or an entry of the log
// or of the access log.
std::map<std::string, const Descriptor*> Stored() {
  std::map<std::string, const Descriptor*> stored;
  const Descriptor* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    const FieldDescriptor* event = registry->field(i);
    stored[fmt::format("{} {}", event->message_type()->full_name(), event->number())] =
        event->message_type();
  }
  for (const Descriptor* type : {log::v1::Entry::descriptor(), log::v1::Event::descriptor(),
                                 access::v1::AccessEntry::descriptor()}) {
    stored[type->full_name()] = type;
  }
  return stored;
}

std::unique_ptr<Message> New(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::string Bytes(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  EXPECT_TRUE(message.SerializeToCodedStream(&coded));
  return bytes;
}

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return hex;
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// Adds the full names of the fields that are set, and those that are unknown as "?".
void Collect(const Message& message, std::set<std::string>* names) {
  const auto& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) names->insert("?");
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    names->insert(field->full_name());
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int items = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < items; ++i) {
      Collect(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                   : reflection.GetMessage(message, field),
              names);
    }
  }
}

// A block to put into a golden file, once somebody has read it.
std::string Block(const std::string& name, const Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  std::string block = name + "\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) block += "  " + line + "\n";
  const std::string hex = Hex(Bytes(message));
  for (size_t i = 0; i < hex.size(); i += kHexPerLine) {
    block += "= " + hex.substr(i, kHexPerLine) + "\n";
  }
  return block + "\n";
}

TEST(Golden, WhatWasStoredIsReadAndWrittenAlike) {
  const auto stored = Stored();
  for (const Golden& golden : ReadAll()) {
    const auto found = stored.find(golden.name);
    ASSERT_NE(found, stored.end()) << golden.place << ": nothing is stored as " << golden.name
                                   << ": a number or a name has changed";
    const auto said = New(*found->second);
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(golden.text, said.get()))
        << golden.place;
    EXPECT_EQ(Hex(Bytes(*said)), golden.hex) << golden.place << ": it is written otherwise now";
    const auto read = New(*found->second);
    ASSERT_TRUE(read->ParseFromString(FromHex(golden.hex))) << golden.place;
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*read, *said))
        << golden.place << ": it is read as\n"
        << read->DebugString();
    std::set<std::string> fields;
    Collect(*read, &fields);
    EXPECT_FALSE(fields.contains("?")) << golden.place << ": a field of it is unknown now";
  }
}

// A field that came later needs a block of its own: the ones before it stay as they are.
TEST(Golden, EveryFieldOfWhatIsStoredHasGoldenBytes) {
  const auto stored = Stored();
  std::map<std::string, std::set<std::string>> seen;
  for (const Golden& golden : ReadAll()) {
    const auto found = stored.find(golden.name);
    if (found == stored.end()) continue;
    const auto read = New(*found->second);
    ASSERT_TRUE(read->ParseFromString(FromHex(golden.hex))) << golden.place;
    Collect(*read, &seen[golden.name]);
  }
  for (const auto& [name, type] : stored) {
    for (int variant = 0; variant < VariantsOf(*type); ++variant) {
      const auto example = New(*type);
      FillExample(variant, example.get());
      std::set<std::string> wanted;
      Collect(*example, &wanted);
      std::string missing;
      for (const std::string& field : wanted) {
        if (!seen[name].contains(field)) missing += " " + field;
      }
      EXPECT_EQ(missing, "") << "no golden bytes have it. Read this block, and add it to a file in "
                             << kFolder << ":\n\n"
                             << Block(name, *example);
      seen[name].merge(wanted);
    }
  }
}

}  // namespace
}  // namespace jalon
