#include "services/domain/registry.h"

#include <google/protobuf/descriptor.h>

namespace jalon::domain {
namespace {

Commands Register() {
  Commands commands;
  RegisterAccessCommands(commands);
  RegisterAdoptProgramme(commands);
  RegisterAssignSequence(commands);
  RegisterAttestCompanyResources(commands);
  RegisterCatalogueCommands(commands);
  RegisterCloseEnrolment(commands);
  RegisterCompanyCommands(commands);
  RegisterDesignSequence(commands);
  RegisterErasure(commands);
  RegisterEvaluation(commands);
  RegisterFeedback(commands);
  RegisterFollowUp(commands);
  RegisterOutcomes(commands);
  RegisterPriorResults(commands);
  RegisterRectification(commands);
  RegisterReportResourceGap(commands);
  RegisterRosterCommands(commands);
  RegisterScheduleStays(commands);
  RegisterSchoolCommands(commands);
  RegisterStay(commands);
  RegisterStayHours(commands);
  RegisterSupervision(commands);
  RegisterTrainingPlan(commands);
  return commands;
}

}  // namespace

const Commands& AllCommands() {
  static const Commands commands = Register();
  return commands;
}

// The method of the same file that takes XRequest {header, command}.
const option::v1::CommandOption& CommandOptionOf(const google::protobuf::Descriptor& command) {
  const google::protobuf::FileDescriptor& file = *command.file();
  for (int i = 0; i < file.service_count(); ++i) {
    const google::protobuf::ServiceDescriptor& service = *file.service(i);
    for (int j = 0; j < service.method_count(); ++j) {
      const auto* field = service.method(j)->input_type()->FindFieldByName("command");
      if (field != nullptr && field->message_type() == &command) {
        return service.method(j)->options().GetExtension(option::v1::command);
      }
    }
  }
  return option::v1::CommandOption::default_instance();
}

}  // namespace jalon::domain
