#include "services/api/services.h"

#include "jalon/access/v1/access_log_service.pb.h"
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/correction/v1/correction_service.pb.h"
#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/feed/v1/feed_service.pb.h"
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

namespace jalon::api {

std::vector<const google::protobuf::ServiceDescriptor*> PublicServices() {
  // Naming one message of each file keeps the file in the program.
  const google::protobuf::FileDescriptor* files[] = {
      access::v1::ListAccessRequest::descriptor()->file(),
      catalogue::v1::AdoptProgramme::descriptor()->file(),
      catalogue::v1::GetProgrammeRequest::descriptor()->file(),
      company::v1::RegisterHostCompany::descriptor()->file(),
      correction::v1::RectifyPerson::descriptor()->file(),
      duty::v1::ListMakeUpsRequest::descriptor()->file(),
      evaluation::v1::RecordSummativeEvaluation::descriptor()->file(),
      feed::v1::WatchEventsRequest::descriptor()->file(),
      feedback::v1::RecordActivityOutcomes::descriptor()->file(),
      followup::v1::PlanMakeUp::descriptor()->file(),
      person::v1::ExportSubjectRequest::descriptor()->file(),
      placement::v1::ScheduleStays::descriptor()->file(),
      placement::v1::ListStaysRequest::descriptor()->file(),
      privacy::v1::SetLegalHold::descriptor()->file(),
      progress::v1::GetStudentProgressRequest::descriptor()->file(),
      region::v1::ListSchoolsRequest::descriptor()->file(),
      roster::v1::EnrolStudents::descriptor()->file(),
      school::v1::GrantAccess::descriptor()->file(),
      school::v1::RegisterSchool::descriptor()->file(),
      stay::v1::EndStay::descriptor()->file(),
      trail::v1::ListTrailsRequest::descriptor()->file(),
  };
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto* file : files) {
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

}  // namespace jalon::api
