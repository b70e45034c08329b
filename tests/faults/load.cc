#include "tests/faults/load.h"

#include <fmt/format.h>

#include "eventstore/base/clock.h"
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/client/request_id.h"

namespace jalon::faults {
namespace {

using Message = std::unique_ptr<google::protobuf::Message>;

// Which commands come how often: of so many, the one of that remainder.
constexpr uint64_t kPersonEvery = 4, kPerson = 0;
constexpr uint64_t kRefusedEvery = 16, kRefusedByState = 7, kRefusedAlways = 15;
// The policy's row grows with each: seldom.
constexpr uint64_t kPolicyEvery = 64, kPolicy = 5;

constexpr uint32_t kLongPast = 20000101, kFarAhead = 20990101;

Message Person(uint64_t number) {
  auto grant = std::make_unique<school::v1::GrantAccess>();
  grant->mutable_identity()->mutable_clear()->set_family_name(fmt::format("Roy {}", number));
  grant->mutable_identity()->mutable_clear()->set_given_name("Ada");
  grant->set_role(type::v1::ROLE_TEACHER);
  grant->mutable_scope()->set_whole_school(true);
  return grant;
}

Message Company(uint64_t number) {
  auto company = std::make_unique<company::v1::RegisterHostCompany>();
  company->set_name("Garage");
  company->set_site(fmt::format("{}, rue Principale", number));
  return company;
}

Message Policy(uint64_t number, uint32_t effective_on) {
  auto set = std::make_unique<school::v1::SetPolicy>();
  set->mutable_setting()->set_key("makeup_gate");
  set->mutable_setting()->set_choice(number / kPolicyEvery % 2 == 0 ? "PLANNED" : "COMPLETED");
  set->set_effective_on(effective_on);
  return set;
}

// One version of a programme, which differs by its title.
Message Programme(const std::string& title) {
  auto adopt = std::make_unique<catalogue::v1::AdoptProgramme>();
  catalogue::v1::ProgrammeDefinition& programme = *adopt->mutable_programme();
  programme.mutable_ref()->set_code("5830");
  programme.mutable_ref()->set_language("en");
  programme.mutable_ref()->set_version("2026-1");
  programme.set_title(title);
  programme.set_type(type::v1::PROGRAMME_TYPE_DEP);
  programme.set_declared_hours(120);
  programme.set_elements(type::v1::ELEMENTS_KNOWN_NONE);
  catalogue::v1::ModuleDefinition& module = *programme.add_modules();
  module.set_code("850-568");
  module.set_statement("Brakes");
  module.set_hours(120);
  module.set_units(8);
  return adopt;
}

}  // namespace

client::Client Connect(const std::string& address, const std::string& token, uint32_t deadline_ms) {
  client::Options options;
  options.deadline_ms = deadline_ms;
  options.token = token;
  options.wait_for_server = true;
  return client::Client(address, std::move(options));
}

type::v1::CommandHeader Header(const std::string& request_id) {
  type::v1::CommandHeader header;
  header.set_request_id(request_id);
  return header;
}

std::string NewRequestId() {
  return client::NewRequestId(static_cast<uint64_t>(SystemClock().Wall().count()) / 1000);
}

Message RegistrationOf(const std::string& code) {
  auto registration = std::make_unique<school::v1::RegisterSchool>();
  registration->set_code(code);
  registration->set_name("School of the kill loop");
  return registration;
}

Message FirstProgramme() { return Programme("Mechanics"); }

Message CommandOf(uint64_t number) {
  if (number % kPersonEvery == kPerson) return Person(number);
  if (number % kRefusedEvery == kRefusedByState) return Programme("Other mechanics");
  if (number % kRefusedEvery == kRefusedAlways) return Policy(number, kLongPast);
  if (number % kPolicyEvery == kPolicy) return Policy(number, kFarAhead);
  return Company(number);
}

std::set<std::string> RefusedOnPurpose() { return {"VERSION_IS_IMMUTABLE", "POLICY_RETROACTIVE"}; }

bool IsUnknown(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded ||
         error.code == Code::kCancelled;
}

Result<SeenPolicy> AskPolicy(const client::Client& coordinator,
                             const type::v1::Position* min_position) {
  catalogue::v1::GetPolicyRequest request;
  request.set_on(kFarAhead);
  if (min_position != nullptr) *request.mutable_header()->mutable_min_position() = *min_position;
  catalogue::v1::GetPolicyResponse response;
  client::Reply reply = coordinator.Query(request, &response);
  if (!reply.ok) return std::unexpected(std::move(reply.error));
  return SeenPolicy{response.as_of().position(), response.policy_version()};
}

}  // namespace jalon::faults
