#include "services/api/edge.h"

#include <fmt/format.h>

#include <cctype>

#include "jalon/correction/v1/correction_service.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/api/field_check.h"
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

// "CFP-NORD": code characters, from a letter or a digit on, so that it names no place elsewhere.
bool IsSchoolCode(std::string_view code) {
  const std::string normalised = domain::NormalisedSchoolCode(code);
  return !normalised.empty() && IsCode(normalised) &&
         std::isalnum(static_cast<unsigned char>(normalised.front())) != 0;
}

}  // namespace

void Edge::Check(const google::protobuf::Message& command, domain::LocalDate today,
                 domain::Refusals* refusals) {
  using domain::Reason;
  if (const auto* registered = As<school::v1::RegisterSchool>(command)) {
    // An empty one is refused as required.
    refusals->If(!registered->code().empty() && !IsSchoolCode(registered->code()),
                 Reason::FIELD_INVALID, "code");
  } else if (const auto* granted = As<school::v1::GrantAccess>(command)) {
    refusals->If(granted->identity().clear().born_on() > today, Reason::FIELD_INVALID,
                 "identity.born_on");
  } else if (const auto* enrolled = As<roster::v1::EnrolStudents>(command)) {
    for (int i = 0; i < enrolled->rows_size(); ++i) {
      refusals->If(enrolled->rows(i).identity().clear().born_on() > today, Reason::FIELD_INVALID,
                   fmt::format("rows[{}].identity.born_on", i));
    }
  } else if (const auto* prior = As<roster::v1::RecordPriorResult>(command)) {
    refusals->If(prior->transfer().has_checked(), Reason::SEALED_BY_CALLER, "transfer.checked");
  } else if (const auto* corrected = As<correction::v1::RectifyPerson>(command)) {
    refusals->If(corrected->identity().identity().clear().born_on() > today, Reason::FIELD_INVALID,
                 "identity.identity.born_on");
  }
}

person::v1::TransferIn* Edge::TransferOf(google::protobuf::Message& command) {
  if (command.GetDescriptor() != roster::v1::RecordPriorResult::descriptor()) return nullptr;
  auto& prior = static_cast<roster::v1::RecordPriorResult&>(command);
  return prior.transfer().has_issued() ? prior.mutable_transfer() : nullptr;
}

Bytes Edge::SchoolOf(const google::protobuf::Message& command) {
  const auto* registered = As<school::v1::RegisterSchool>(command);
  return registered == nullptr ? Bytes() : domain::SchoolIdOf(registered->code());
}

domain::Seen Edge::Look(const google::protobuf::Message& command, domain::LocalDate today) {
  domain::Seen seen;
  if (const auto* enrolled = As<roster::v1::EnrolStudents>(command)) {
    LookAtStudents(*enrolled, today, &seen);
  } else if (const auto* corrected = As<correction::v1::RectifyPerson>(command)) {
    const person::v1::Identity& identity = corrected->identity().identity().clear();
    if (IsMinor(identity.born_on(), today) && !identity.has_guardian()) {
      seen.minors_without_guardian.push_back(0);
    }
  } else if (const auto* estimate = As<feedback::v1::ReportFormativeEstimate>(command)) {
    seen.estimate_word = estimate->words().clear().word();
  }
  return seen;
}

}  // namespace jalon::api
