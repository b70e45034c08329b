#include "services/client/methods.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <map>

#include "jalon/access/v1/access_log_service.pb.h"
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/correction/v1/correction_service.pb.h"
#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/followup/v1/follow_up_service.pb.h"
#include "jalon/person/v1/person_service.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "jalon/region/v1/region_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/client/client.h"

namespace jalon::client {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Naming one message of each file keeps the file in the program.
std::vector<const FileDescriptor*> Files() {
  return {access::v1::ListAccessRequest::descriptor()->file(),
          school::v1::RegisterSchool::descriptor()->file(),
          school::v1::GrantAccess::descriptor()->file(),
          catalogue::v1::AdoptProgramme::descriptor()->file(),
          catalogue::v1::GetProgrammeRequest::descriptor()->file(),
          company::v1::RegisterHostCompany::descriptor()->file(),
          correction::v1::RectifyPerson::descriptor()->file(),
          roster::v1::EnrolStudents::descriptor()->file(),
          person::v1::ExportSubjectRequest::descriptor()->file(),
          placement::v1::ScheduleStays::descriptor()->file(),
          placement::v1::ListStaysRequest::descriptor()->file(),
          stay::v1::EndStay::descriptor()->file(),
          feedback::v1::SubmitTutorReport::descriptor()->file(),
          followup::v1::PlanMakeUp::descriptor()->file(),
          evaluation::v1::RecordSummativeEvaluation::descriptor()->file(),
          privacy::v1::SetLegalHold::descriptor()->file(),
          progress::v1::GetStudentProgressRequest::descriptor()->file(),
          duty::v1::ListMakeUpsRequest::descriptor()->file(),
          region::v1::ListSchoolsRequest::descriptor()->file(),
          trail::v1::ListTrailsRequest::descriptor()->file()};
}

std::string PathOf(const MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

struct Tables {
  std::vector<const MethodDescriptor*> methods;
  std::map<std::string, Method, std::less<>> commands;    // by command type
  std::map<std::string, std::string, std::less<>> paths;  // by request type
};

Tables Build() {
  Tables tables;
  for (const FileDescriptor* file : Files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      const ServiceDescriptor* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        const MethodDescriptor& method = *service->method(m);
        if (method.server_streaming()) continue;  // files have hands of their own for those
        const Descriptor* input = method.input_type();
        tables.methods.push_back(&method);
        tables.paths[input->full_name()] = PathOf(method);
        const FieldDescriptor* command = input->FindFieldByName("command");
        if (command == nullptr) continue;
        MessageFactory* factory = MessageFactory::generated_factory();
        tables.commands[command->message_type()->full_name()] = {
            PathOf(method), factory->GetPrototype(input),
            factory->GetPrototype(method.output_type())};
      }
    }
  }
  return tables;
}

const Tables& All() {
  static const Tables kTables = Build();
  return kTables;
}

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

}  // namespace

std::unique_ptr<Message> Method::NewRequest(const Message& command,
                                            const type::v1::CommandHeader& header) const {
  std::unique_ptr<Message> made(request->New());
  const auto* reflection = made->GetReflection();
  reflection->MutableMessage(made.get(), Field(*made, "header"))->CopyFrom(header);
  reflection->MutableMessage(made.get(), Field(*made, "command"))->CopyFrom(command);
  return made;
}

std::unique_ptr<Message> Method::NewResponse() const {
  return std::unique_ptr<Message>(response->New());
}

command::v1::CommandResult Method::ResultOf(const Message& message) const {
  command::v1::CommandResult result;
  result.CopyFrom(message.GetReflection()->GetMessage(message, Field(message, "result")));
  return result;
}

const Method* CommandMethod(std::string_view command_type) {
  const auto found = All().commands.find(command_type);
  return found == All().commands.end() ? nullptr : &found->second;
}

std::string MethodPath(std::string_view request_type) {
  const auto found = All().paths.find(request_type);
  return found == All().paths.end() ? std::string() : found->second;
}

const std::vector<const MethodDescriptor*>& Methods() { return All().methods; }

const MethodDescriptor* MethodNamed(std::string_view name) {
  for (const MethodDescriptor* method : Methods()) {
    if (name == method->name() || name == std::string_view(PathOf(*method)).substr(1)) {
      return method;
    }
  }
  return nullptr;
}

}  // namespace jalon::client
