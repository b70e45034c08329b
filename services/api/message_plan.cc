#include "services/api/message_plan.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <utility>

#include "jalon/type/v1/sealed.pb.h"
#include "services/api/field_check.h"
#include "services/domain/reason.h"

namespace jalon::api {

using domain::Reason;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

constexpr int kDepthMax = 16;  // a contract that nests deeper is a mistake

std::unexpected<Error> BadContract(const FieldDescriptor& field, std::string_view what) {
  return Fail(Code::kFailedPrecondition, "INTERNAL",
              fmt::format("the contract of {} {}: mend the proto", field.full_name(), what));
}

bool IsEnum(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
}
bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

}  // namespace

// ---- Compiling ----

Result<MessagePlan> MessagePlan::Make(const Descriptor& type, Of of) {
  MessagePlan plan;
  JALON_ASSIGN_OR_RETURN(plan.root_, Compile(type, "", 0, of));
  return plan;
}

Result<std::shared_ptr<const MessagePlan::Node>> MessagePlan::Compile(const Descriptor& type,
                                                                      const std::string& path,
                                                                      int depth, Of of) {
  auto node = std::make_shared<Node>();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string field_path = path.empty() ? field.name() : path + "." + field.name();
    if (depth > kDepthMax) return BadContract(field, "nests too deep");
    Rule rule{.field = &field, .limits = field.options().GetExtension(option::v1::limits)};
    rule.limited = field.options().HasExtension(option::v1::limits);
    if (of == Of::kQuery && depth > 0) rule.limits.clear_required();
    if (field.options().HasExtension(option::v1::seal)) {
      JALON_ASSIGN_OR_RETURN(rule.section, CompileSection(field, field_path));
      JALON_ASSIGN_OR_RETURN(
          rule.inside, Compile(*rule.section->clear->message_type(), field_path, depth + 1, of));
    } else if (IsMessage(field)) {
      JALON_ASSIGN_OR_RETURN(rule.inside,
                             Compile(*field.message_type(), field_path, depth + 1, of));
    }
    if (rule.limited || rule.inside != nullptr || IsEnum(field)) {
      node->rules.push_back(std::move(rule));
    }
  }
  return node;
}

Result<std::shared_ptr<const SectionPlan>> MessagePlan::CompileSection(const FieldDescriptor& field,
                                                                       const std::string& path) {
  auto plan = std::make_shared<SectionPlan>();
  plan->path = path;
  plan->option = field.options().GetExtension(option::v1::seal);
  if (!IsMessage(field) || field.is_repeated()) return BadContract(field, "is no section");
  plan->clear = field.message_type()->FindFieldByName("clear");
  plan->sealed = field.message_type()->FindFieldByName("sealed");
  if (plan->clear == nullptr || plan->sealed == nullptr ||
      plan->sealed->message_type() != type::v1::Sealed::descriptor()) {
    return BadContract(field, "is no section");
  }
  switch (plan->option.subject_case()) {
    case option::v1::SealOption::kSubjectField:
      plan->subject_field = plan->option.subject_field();
      break;
    case option::v1::SealOption::kFieldOrNewPerson:
      plan->subject_field = plan->option.field_or_new_person();
      plan->may_be_new = true;
      break;
    case option::v1::SealOption::kNewPerson:
      plan->may_be_new = true;
      break;
    case option::v1::SealOption::SUBJECT_NOT_SET:
      return BadContract(field, "says not whose key seals it");
  }
  return plan;
}

// ---- Checking ----

// A message on the way to the one being checked.
struct MessagePlan::Frame {
  const Message* message = nullptr;
  const Frame* outer = nullptr;
  const FieldDescriptor* via = nullptr;  // the field of `outer` that holds it
  int index = -1;                        // in a repeated field
};

class MessagePlan::Walk {
 public:
  Walk(std::string_view prefix, domain::Refusals* refusals, std::vector<Section>* sections)
      : prefix_(prefix), refusals_(refusals), sections_(sections) {}

  void Visit(Message& message, const Node& node, const Frame& frame) {
    const Reflection& reflection = *message.GetReflection();
    if (!reflection.GetUnknownFields(message).empty()) {
      const int number = reflection.GetUnknownFields(message).field(0).number();
      refusals_->Add(Reason::UNKNOWN_FIELD, PathOf(frame, fmt::format("#{}", number)));
    }
    for (const Rule& rule : node.rules) {
      if (rule.section != nullptr) {
        VisitSection(message, rule, frame);
      } else if (rule.field->is_repeated()) {
        VisitItems(message, rule, frame);
      } else {
        VisitField(message, rule, frame);
      }
    }
  }

 private:
  void VisitField(Message& message, const Rule& rule, const Frame& frame) {
    const Reflection& reflection = *message.GetReflection();
    const FieldDescriptor& field = *rule.field;
    if (IsMessage(field)) {
      if (!reflection.HasField(message, &field)) {
        if (rule.limits.required()) Complain(Reason::FIELD_REQUIRED, rule, frame);
        return;
      }
      Message* inside = reflection.MutableMessage(&message, &field);
      return Visit(*inside, *rule.inside, Frame{inside, &frame, &field, -1});
    }
    // Of a oneof, a member that is not chosen has nothing to satisfy.
    if (field.real_containing_oneof() != nullptr && !reflection.HasField(message, &field)) return;
    Complain(CheckField(message, field, rule.limits), rule, frame);
  }

  void VisitItems(Message& message, const Rule& rule, const Frame& frame) {
    const Reflection& reflection = *message.GetReflection();
    const FieldDescriptor& field = *rule.field;
    const int count = reflection.FieldSize(message, &field);
    Complain(CheckCount(count, rule.limits), rule, frame);
    for (int i = 0; i < count; ++i) {
      if (IsMessage(field)) {
        Message* item = reflection.MutableRepeatedMessage(&message, &field, i);
        Visit(*item, *rule.inside, Frame{item, &frame, &field, i});
      } else {
        Complain(CheckItem(message, field, i, rule.limits), rule, frame, i);
      }
    }
  }

  void VisitSection(Message& message, const Rule& rule, const Frame& frame) {
    const Reflection& reflection = *message.GetReflection();
    const SectionPlan& plan = *rule.section;
    Message* section = nullptr;
    bool clear = false;
    if (reflection.HasField(message, rule.field)) {
      section = reflection.MutableMessage(&message, rule.field);
      const Reflection& inner = *section->GetReflection();
      if (inner.HasField(*section, plan.sealed)) Complain(Reason::SEALED_BY_CALLER, rule, frame);
      if (!inner.GetUnknownFields(*section).empty()) {
        Complain(Reason::UNKNOWN_FIELD, rule, frame);
      }
      clear = inner.HasField(*section, plan.clear);
    }
    if (!clear) {
      if (rule.limits.required()) Complain(Reason::FIELD_REQUIRED, rule, frame);
      return;
    }
    Message* inside = section->GetReflection()->MutableMessage(section, plan.clear);
    Visit(*inside, *rule.inside, Frame{inside, &frame, rule.field, -1});
    if (sections_ == nullptr) return;
    sections_->push_back({section, &plan, RowOf(frame), SubjectOf(plan, frame)});
  }

  // The field that names the person: in the section's own message, else in the nearest outer one.
  static std::string_view SubjectOf(const SectionPlan& plan, const Frame& frame) {
    if (plan.subject_field.empty()) return {};
    for (const Frame* at = &frame; at != nullptr; at = at->outer) {
      const FieldDescriptor* field =
          at->message->GetDescriptor()->FindFieldByName(plan.subject_field);
      if (field == nullptr) continue;
      std::string scratch;
      return at->message->GetReflection()->GetStringReference(*at->message, field, &scratch);
    }
    return {};
  }

  static uint32_t RowOf(const Frame& frame) {
    for (const Frame* at = &frame; at != nullptr; at = at->outer) {
      if (at->index >= 0) return static_cast<uint32_t>(at->index);
    }
    return 0;
  }

  void Complain(domain::RefusalReason reason, const Rule& rule, const Frame& frame,
                int index = -1) {
    if (reason == refusal::v1::REFUSAL_REASON_UNSPECIFIED) return;
    std::string name = rule.field->name();
    if (index >= 0) name += fmt::format("[{}]", index);
    refusals_->Add(reason, PathOf(frame, name));
  }

  std::string PathOf(const Frame& frame, std::string_view name) const {
    std::string path(name);
    for (const Frame* at = &frame; at->outer != nullptr; at = at->outer) {
      const std::string index = at->index < 0 ? "" : fmt::format("[{}]", at->index);
      path = fmt::format("{}{}.{}", at->via->name(), index, path);
    }
    return std::string(prefix_) + path;
  }

  const std::string_view prefix_;
  domain::Refusals* const refusals_;
  std::vector<Section>* const sections_;
};

void MessagePlan::Check(Message& message, std::string_view prefix, domain::Refusals* refusals,
                        std::vector<Section>* sections) const {
  Walk walk(prefix, refusals, sections);
  walk.Visit(message, *root_, Frame{&message, nullptr, nullptr, -1});
}

}  // namespace jalon::api
