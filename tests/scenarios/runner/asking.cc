#include "tests/scenarios/runner/asking.h"

#include <google/protobuf/descriptor.h>

#include "jalon/option/v1/method.pb.h"
#include "jalon/type/v1/header.pb.h"
#include "services/client/methods.h"

namespace jalon::scenarios {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr uint32_t kLargestPage = 500;
constexpr const char* kPersonFields[] = {"student_id", "person_id"};

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

bool IsOfOneSchool(const MethodDescriptor& method) {
  return method.options().HasExtension(option::v1::query) && !method.server_streaming() &&
         method.input_type()->FindFieldByName("allow_partial") == nullptr;
}

// The request, but for what it is about.
Question Widest(const MethodDescriptor& method) {
  Question question{.method = method.name(),
                    .request = NewMessage(method.input_type()),
                    .response = NewMessage(method.output_type())};
  Message& request = *question.request;
  const auto& reflection = *request.GetReflection();
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    const FieldDescriptor* field = method.input_type()->field(i);
    const std::string& name = field->name();
    if (name == "open_sealed" || name == "with_days") reflection.SetBool(&request, field, true);
    if (field->message_type() != type::v1::PageRequest::descriptor()) continue;
    static_cast<type::v1::PageRequest*>(reflection.MutableMessage(&request, field))
        ->set_page_size(kLargestPage);
  }
  return question;
}

}  // namespace

std::vector<Question> QuestionsAbout(const About& about) {
  std::vector<Question> questions;
  for (const MethodDescriptor* method : client::Methods()) {
    if (!IsOfOneSchool(*method)) continue;
    const auto add = [&](const std::string& field, const Bytes& value) {
      const FieldDescriptor* named = method->input_type()->FindFieldByName(field);
      if (named == nullptr) return;
      Question question = Widest(*method);
      question.request->GetReflection()->SetString(question.request.get(), named, value);
      questions.push_back(std::move(question));
    };
    for (const char* field : kPersonFields) add(field, about.person_id);
    for (const Bytes& stay : about.stays) add("stay_id", stay);
    for (const Bytes& company : about.companies) add("company_id", company);
    if (method->input_type()->FindFieldByName("page") != nullptr) {
      questions.push_back(Widest(*method));
    }
  }
  return questions;
}

}  // namespace jalon::scenarios
