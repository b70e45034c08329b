#include "tests/properties/cast.h"

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/local_date.h"
#include "services/domain/school_code.h"

namespace jalon::properties {

using scenarios::Answer;

namespace {

domain::Principal Region() {
  return {.person_id = "region00",
          .role = type::v1::ROLE_REGION_COORDINATOR,
          .school_id = {},
          .company_id = {},
          .modules = {}};
}

// UUIDv7 of that moment; the same key gives the same id.
Bytes RequestId(Micros now, std::string_view key) {
  const auto millis = static_cast<uint64_t>(now.count() / 1000);
  const Hash hash = Sha256(key);
  Bytes id(View(hash).substr(0, 16));
  for (int i = 0; i < 6; ++i) id[i] = static_cast<char>(millis >> (40 - 8 * i));
  id[6] = static_cast<char>(0x70 | (id[6] & 0x0f));
  id[8] = static_cast<char>(0x80 | (id[8] & 0x3f));
  return id;
}

}  // namespace

Cast::Cast(scenarios::World& w) : world(w) {
  school::v1::RegisterSchool school;
  school.set_code("CFP-HASARD");
  school.set_name("CFP Hasard");
  school.set_service_centre("CSS");
  school.set_region("01");
  Must(Region(), school);
  jean = Person("Jean", type::v1::ROLE_WORK_STUDY_COORDINATOR, {});
  maude = Person("Maude", type::v1::ROLE_TEACHER, {});
  AdoptProgramme();
  AddSequence(type::v1::SEQUENCE_TYPE_DEVELOPMENT, "BOTH", {kModules[0], kModules[1]},
              {{"a1", {"o0"}}, {"a2", {"o0"}}, {"a3", {"o1"}}, {"a4", {"o0", "o1"}}});
  AddSequence(type::v1::SEQUENCE_TYPE_DEVELOPMENT, "FIRST", {kModules[0]},
              {{"b1", {"o0"}}, {"b2", {"o0"}}});
  AddSequence(type::v1::SEQUENCE_TYPE_OBSERVATION, "LOOK", {kModules[1]}, {{"c1", {"o0"}}});
  AddCompany();
  luc = Person("Luc", type::v1::ROLE_WORKPLACE_TUTOR, company_id);
  zoe = Person("Zoe", type::v1::ROLE_WORKPLACE_TUTOR, company_id);
  sylvie = Person("Sylvie", type::v1::ROLE_COMPANY_SIGNATORY, company_id);
  Enrol("Ada", true);
  Enrol("Ben", false);
}

Answer Cast::Send(const domain::Principal& who, const google::protobuf::Message& command,
                  const type::v1::CommandHeader& header, std::string_view key) {
  type::v1::CommandHeader complete = header;
  const std::string name = key.empty() ? std::to_string(++requests_) : std::string(key);
  complete.set_request_id(RequestId(world.Now(), name));
  if (who.school_id.empty()) complete.set_school_id(domain::SchoolIdOf("CFP-HASARD"));
  const Result<Answer> answer = world.Send(who, command, complete);
  JALON_CHECK(answer.has_value());
  if (!answer->accepted || answer->repeated || !answer->result.has_position()) return *answer;
  const auto events = world.EventsOf(*answer);
  JALON_CHECK(events.has_value());
  for (const log::v1::Event& event : *events) {
    oracle.Hear(answer->result.position().seq(), event.SerializeAsString());
  }
  return *answer;
}

Answer Cast::Must(const domain::Principal& who, const google::protobuf::Message& command) {
  const Answer answer = Send(who, command);
  JALON_CHECK(answer.accepted && answer.result.refused_rows().empty());
  return answer;
}

uint32_t Cast::Today() const { return domain::LocalDateOf(world.Now()); }

domain::Principal Cast::Person(const std::string& name, type::v1::Role role, const Bytes& company) {
  school::v1::GrantAccess grant;
  grant.mutable_identity()->mutable_clear()->set_given_name(name);
  grant.mutable_identity()->mutable_clear()->set_family_name("Essai");
  grant.set_role(role);
  if (company.empty()) {
    grant.mutable_scope()->set_whole_school(true);
  } else {
    grant.mutable_scope()->set_company_id(company);
  }
  const Answer answer = Must(Region(), grant);
  return {.person_id = answer.result.created(0).person_id(),
          .role = role,
          .school_id = domain::SchoolIdOf("CFP-HASARD"),
          .company_id = company,
          .modules = {}};
}

void Cast::AdoptProgramme() {
  programme.set_code("1000");
  programme.set_language("en");
  programme.set_version("2026");
  catalogue::v1::AdoptProgramme adopt;
  auto& definition = *adopt.mutable_programme();
  *definition.mutable_ref() = programme;
  definition.set_title("Chance");
  definition.set_type(type::v1::PROGRAMME_TYPE_DEP);
  definition.set_elements(type::v1::ELEMENTS_KNOWN_NONE);
  const uint32_t units[] = {4, 3, 2};
  for (size_t i = 0; i < kModules.size(); ++i) {
    auto& module = *definition.add_modules();
    module.set_code(kModules[i]);
    module.set_statement("Module " + kModules[i]);
    module.set_units(units[i]);
    module.set_hours(15 * units[i]);
    module.set_prescribed(kModules[i] == kPrescribedModule);
  }
  definition.set_declared_hours(15 * 9);
  Must(jean, adopt);
}

void Cast::AddSequence(type::v1::SequenceType type, const std::string& code,
                       const std::vector<std::string>& modules,
                       const std::vector<CastActivity>& activities) {
  catalogue::v1::DesignSequence design;
  *design.mutable_programme() = programme;
  design.set_type(type);
  design.set_code(code);
  design.set_title(code);
  design.mutable_rationale()->set_needs("Needs");
  design.mutable_rationale()->set_interest("Interest");
  design.mutable_rationale()->set_capacity("Capacity");
  for (size_t i = 0; i < modules.size(); ++i) {
    auto& target = *design.add_targets();
    target.set_module(modules[i]);
    target.set_mode(type::v1::DEVELOPMENT_MODE_COMPLETE);
    auto& objective = *design.add_objectives();
    objective.set_code("o" + std::to_string(i));
    objective.set_module(modules[i]);
    objective.set_wording("Do it");
  }
  const Bytes id = Must(jean, design).result.created(0).id();

  catalogue::v1::DefineActivities define;
  define.set_sequence_id(id);
  for (const CastActivity& activity : activities) {
    auto& defined = *define.add_activities();
    defined.set_code(activity.code);
    defined.set_wording("Do " + activity.code);
    defined.set_expected_result("Done");
    defined.set_planned_minutes(5 * 60);
    for (const std::string& objective : activity.objectives) defined.add_objectives(objective);
  }
  Must(jean, define);
  catalogue::v1::PublishSequence publish;
  publish.set_sequence_id(id);
  Must(jean, publish);
  const std::string later = activities.front().code.substr(0, 1) + "9";
  sequences.push_back({id, modules, activities, later, design, define});
}

void Cast::AddCompany() {
  company::v1::RegisterHostCompany company;
  company.set_name("Garage");
  company.set_site("Port");
  company_id = Must(jean, company).result.created(0).id();
  for (const CastSequence& sequence : sequences) {
    company::v1::AttestCompanyResources attest;
    attest.set_company_id(company_id);
    attest.set_sequence_id(sequence.id);
    attest.set_human("People");
    attest.set_material("Things");
    attest.set_means(company::v1::ATTESTATION_MEANS_VISIT);
    Must(maude, attest);
  }
}

void Cast::Enrol(const std::string& name, bool in_alternance) {
  roster::v1::EnrolStudents enrol;
  auto& row = *enrol.add_rows();
  *row.mutable_programme() = programme;
  row.set_in_alternance(in_alternance);
  auto& identity = *row.mutable_identity()->mutable_clear();
  identity.set_external_id(name);
  identity.set_given_name(name);
  identity.set_family_name("Essai");
  const Answer answer = Must(jean, enrol);
  students.push_back({.person_id = answer.result.created(0).person_id(),
                      .role = type::v1::ROLE_STUDENT,
                      .school_id = domain::SchoolIdOf("CFP-HASARD"),
                      .company_id = {},
                      .modules = {}});
}

}  // namespace jalon::properties
