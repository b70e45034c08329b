#include "tests/canaries/marking.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/option/v1/field.pb.h"
#include "services/client/methods.h"
#include "services/domain/policy.h"

namespace jalon::canaries {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kBytesBeyondAnyLimit = 5'000;  // of a text in a section
constexpr std::string_view kEstimateWord = "jalon.feedback.v1.EstimateWords.word";

bool IsSection(const FieldDescriptor& field) {
  return field.options().HasExtension(option::v1::seal);
}

const FieldDescriptor* ClearOf(const Descriptor& section) {
  return section.FindFieldByName("clear");
}

// A word of the default scale for another one. Words that a scenario's school chose itself stand in
// its policy, in clear: they are not looked for.
bool MarkEstimate(Message& words, const FieldDescriptor& field) {
  const auto& reflection = *words.GetReflection();
  const auto& scale = domain::RowOf(domain::PolicyKey::kEstimateScale).choices;
  const std::string word = reflection.GetString(words, &field);
  if (std::ranges::find(scale, word) == scale.end()) return false;
  reflection.SetString(&words, &field, std::string(kEstimate));
  return true;
}

std::string Marked(std::string_view original) {
  return fmt::format("{}.{}", kMark, ToHex(View(Sha256(original))).substr(0, 8));
}

// Whether the scenario leaves the field empty on purpose: it is required and missing, or says who
// a person is, or that a minor has no guardian.
bool StaysEmpty(const Message& message, const FieldDescriptor& field) {
  if (field.name() == "guardian") {
    const auto* born_on = message.GetDescriptor()->FindFieldByName("born_on");
    return message.GetReflection()->GetUInt32(message, born_on) != kBornOn;
  }
  return field.name() == "external_id" ||
         field.options().GetExtension(option::v1::limits).required();
}

// `added`: the whole message is ours, so that nothing in it is empty on purpose. `content`: of the
// section, so that what is added to equal sections is equal.
void MarkFields(Message& message, const std::string& path, const std::string& content, bool added,
                Paths* paths) {
  const auto& reflection = *message.GetReflection();
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool is_set = reflection.HasField(message, &field);
    if (!is_set && !added && StaysEmpty(message, field)) continue;
    const std::string field_path = path + "." + field.name();
    if (field.full_name() == kEstimateWord) {
      if (MarkEstimate(message, field)) paths->insert(field_path);
      continue;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      MarkFields(*reflection.MutableMessage(&message, &field), field_path, content, !is_set, paths);
      continue;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string original =
          is_set ? reflection.GetString(message, &field) : field.name() + content;
      reflection.SetString(&message, &field, Marked(original));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
      if (!is_set) reflection.SetUInt32(&message, &field, kBornOn);
      if (reflection.GetUInt32(message, &field) != kBornOn) continue;  // not ours to look for
    } else {
      continue;  // of a kind that has no mark yet: AllPersonal has its path
    }
    paths->insert(field_path);
  }
}

// Remarks are what no rule asks about: a command without them gets some.
void AddRemarks(Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("remarks");
  if (field == nullptr || !IsSection(*field)) return;
  Message& section = *message.GetReflection()->MutableMessage(&message, field);
  const FieldDescriptor* clear = ClearOf(*section.GetDescriptor());
  Message& words = *section.GetReflection()->MutableMessage(&section, clear);
  words.GetReflection()->SetString(&words, words.GetDescriptor()->FindFieldByName("text"), "-");
}

// Makes every text under `message` longer than any limit, where it is in a section.
bool OversizeTexts(Message& message, bool in_section) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  bool any = false;
  for (const FieldDescriptor* field : fields) {
    const bool inside = in_section || IsSection(*field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const int items = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < items; ++i) {
        Message& inner = field->is_repeated()
                             ? *reflection.MutableRepeatedMessage(&message, field, i)
                             : *reflection.MutableMessage(&message, field);
        any |= OversizeTexts(inner, inside);
      }
    } else if (inside && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
               !field->is_repeated()) {
      std::string text(kMark);
      while (text.size() <= kBytesBeyondAnyLimit) text += kMark;
      reflection.SetString(&message, field, text);
      any = true;
    }
  }
  return any;
}

// Marks each section under `message` that is there and clear.
void MarkSections(Message& message, const std::string& path, Paths* paths) {
  AddRemarks(message);
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string field_path = path + "." + field->name();
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        MarkSections(*reflection.MutableRepeatedMessage(&message, field, i), field_path, paths);
      }
      continue;
    }
    Message& inside = *reflection.MutableMessage(&message, field);
    if (!IsSection(*field)) {
      MarkSections(inside, field_path, paths);
      continue;
    }
    const FieldDescriptor* clear = ClearOf(*inside.GetDescriptor());
    if (!inside.GetReflection()->HasField(inside, clear)) continue;
    Message& content = *inside.GetReflection()->MutableMessage(&inside, clear);
    MarkFields(content, field_path, content.SerializeAsString(), false, paths);
  }
}

void AddLeaves(const Descriptor& type, const std::string& path, Paths* paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string field_path = path + "." + field.name();
    if (field.message_type() != nullptr) {
      AddLeaves(*field.message_type(), field_path, paths);
    } else {
      paths->insert(field_path);
    }
  }
}

void AddSections(const Descriptor& type, const std::string& path, Paths* paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.message_type() == nullptr) continue;
    const std::string field_path = path + "." + field.name();
    if (IsSection(field)) {
      AddLeaves(*ClearOf(*field.message_type())->message_type(), field_path, paths);
    } else {
      AddSections(*field.message_type(), field_path, paths);
    }
  }
}

}  // namespace

Paths Mark(Message& command) {
  Paths paths;
  MarkSections(command, command.GetDescriptor()->name(), &paths);
  return paths;
}

bool Oversize(Message& command) { return OversizeTexts(command, false); }

Paths AllPersonal() {
  Paths paths;
  for (const google::protobuf::MethodDescriptor* method : client::Methods()) {
    const FieldDescriptor* command = method->input_type()->FindFieldByName("command");
    if (command == nullptr) continue;
    AddSections(*command->message_type(), command->message_type()->name(), &paths);
  }
  return paths;
}

}  // namespace jalon::canaries
