#include "services/api/edge.h"

#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

constexpr uint32_t kMajority = 18;

// The command as that type, or null.
template <typename T>
const T* As(const google::protobuf::Message& command) {
  return command.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&command) : nullptr;
}

bool IsMinor(domain::LocalDate born_on, domain::LocalDate today) {
  return born_on != 0 && today < born_on + kMajority * 10'000;
}

void LookAtStudents(const roster::v1::EnrolStudents& command, domain::LocalDate today,
                    domain::Seen* seen) {
  for (int i = 0; i < command.rows_size(); ++i) {
    const person::v1::Identity& identity = command.rows(i).identity().clear();
    if (IsMinor(identity.born_on(), today) && !identity.has_guardian()) {
      seen->minors_without_guardian.push_back(static_cast<uint32_t>(i));
    }
  }
}

}  // namespace

Bytes Edge::SchoolOf(const google::protobuf::Message& command) {
  const auto* registered = As<school::v1::RegisterSchool>(command);
  return registered == nullptr ? Bytes() : domain::SchoolIdOf(registered->code());
}

domain::Seen Edge::Look(const google::protobuf::Message& command, domain::LocalDate today) {
  domain::Seen seen;
  if (const auto* enrolled = As<roster::v1::EnrolStudents>(command)) {
    LookAtStudents(*enrolled, today, &seen);
  } else if (const auto* estimate = As<feedback::v1::ReportFormativeEstimate>(command)) {
    seen.estimate_word = estimate->words().clear().word();
  }
  return seen;
}

}  // namespace jalon::api
