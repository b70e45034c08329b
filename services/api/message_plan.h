// What must hold of a message before it is acted on, compiled once from its descriptor's options:
// no unknown field at any depth, every field within its limits, sections as callers may send them.
//
// Thread safety: const after construction; any thread.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jalon/option/v1/field.pb.h"
#include "services/domain/refusals.h"

namespace jalon::api {

// A kind of section of a command: where it stands, and whose key seals it.
struct SectionPlan {
  std::string path;  // from the command on, such as "rows.identity"
  const google::protobuf::FieldDescriptor* clear = nullptr;   // of the section's message
  const google::protobuf::FieldDescriptor* sealed = nullptr;  // the same
  option::v1::SealOption option;
  // The name of the field that names the person; empty: always a new one.
  std::string subject_field;
  bool may_be_new = false;  // a new person where that field is empty
};

// A clear section that a command holds.
struct Section {
  google::protobuf::Message* message = nullptr;
  const SectionPlan* plan = nullptr;
  uint32_t row = 0;  // the item of the innermost repeated field on its path
  std::string_view
      subject;  // what the subject field holds: a person's or a stay's id; may be empty
};

class MessagePlan {
 public:
  // What is asked for may be named in part, so inside the messages of a query nothing is required.
  enum class Of { kCommand, kQuery };

  // FAILED_PRECONDITION if the options contradict the descriptor: a fault of the contract, which
  // stops the server's start.
  static Result<MessagePlan> Make(const google::protobuf::Descriptor& type, Of of);

  // Adds to `refusals` everything that is wrong, each with its path ("rows[4].student_id", after
  // `prefix`), and the clear sections to `sections`, if that is not null.
  void Check(google::protobuf::Message& message, std::string_view prefix,
             domain::Refusals* refusals, std::vector<Section>* sections) const;

 private:
  struct Node;
  struct Rule {
    const google::protobuf::FieldDescriptor* field = nullptr;
    option::v1::Limits limits;
    bool limited = false;
    std::shared_ptr<const Node> inside = {};          // of a message field
    std::shared_ptr<const SectionPlan> section = {};  // of a field that holds a section
  };
  // The rules of one message type at one place. Fields that nothing can be wrong with have none.
  struct Node {
    std::vector<Rule> rules;
  };
  struct Frame;
  class Walk;

  static Result<std::shared_ptr<const Node>> Compile(const google::protobuf::Descriptor& type,
                                                     const std::string& path, int depth, Of of);
  static Result<std::shared_ptr<const SectionPlan>> CompileSection(
      const google::protobuf::FieldDescriptor& field, const std::string& path);

  std::shared_ptr<const Node> root_;
};

}  // namespace jalon::api
