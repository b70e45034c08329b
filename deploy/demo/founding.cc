#include "deploy/demo/founding.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "deploy/demo/calendar.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"

namespace jalon::demo {
namespace {

using type::v1::Role;

constexpr uint32_t kRowsMax = 100;
constexpr const char* kFamilies[] = {"Gagnon",   "Roy",     "Côté",      "Bouchard",
                                     "Gauthier", "Morin",   "Lavoie",    "Fortin",
                                     "Gagné",    "Ouellet", "Pelletier", "Bélanger"};
constexpr const char* kGiven[] = {"Ada",  "Ben",  "Cléo",  "David", "Élise", "Félix", "Gaëlle",
                                  "Hugo", "Inès", "Jules", "Karim", "Léa",   "Maïa"};
constexpr const char* kCompanies[] = {"Garage Tremblay", "Camions du Nord",  "Salon Mirabel",
                                      "Atelier Savard",  "Transport Lemay",  "Coiffure Belle-Rive",
                                      "Garage Bédard",   "Mécanique Laurier"};

constexpr std::pair<const char*, const char*> kSchools[] = {
    {"CFP-NORD", "Centre de formation du Nord"},
    {"CFP-SUD", "Centre de formation du Sud"},
    {"CFP-EST", "Centre de formation de l'Est"}};

// The code and the name of a school. After the first few they are numbered.
std::pair<std::string, std::string> Called(uint32_t school) {
  if (school < std::size(kSchools)) return kSchools[school];
  return {fmt::format("CFP-{}", school), fmt::format("Centre de formation {}", school)};
}

// A command's answer, awaited.
client::Reply Ask(Crew& crew, const client::Client& who, const google::protobuf::Message& command) {
  client::Reply answer;
  crew.Send(who, command, [&](const client::Reply& reply) { answer = reply; });
  crew.Wait();
  return answer;
}

std::string Created(const client::Reply& reply, type::v1::AggregateKind kind) {
  for (const auto& created : reply.result.created()) {
    if (created.kind() == kind) return created.id();
  }
  return {};
}

std::string CreatedPerson(const client::Reply& reply) {
  for (const auto& created : reply.result.created()) {
    if (!created.person_id().empty()) return created.person_id();
  }
  return {};
}

// Founds one school.
class Founder {
 public:
  Founder(const Founding& founding, const client::Client& anyone, const Issue& issue, Crew& crew)
      : founding_(founding), anyone_(anyone), issue_(issue), crew_(crew) {}

  School Register(const client::Client& region, std::string code, std::string name,
                  std::optional<uint32_t> partition) {
    school::v1::RegisterSchool command;
    if (partition) command.set_partition(*partition);
    command.set_code(code);
    command.set_name(name);
    command.set_region("MAURICIE");
    const client::Reply reply = Ask(crew_, region, command);
    const std::string id = Created(reply, type::v1::AGGREGATE_KIND_SCHOOL);
    const std::string region_token = issue_(type::v1::ROLE_REGION_COORDINATOR, id, "", "");
    Person coordinator = Grant(anyone_.As(region_token), id, "",
                               type::v1::ROLE_WORK_STUDY_COORDINATOR, "Jean", "Tessier");
    Person teacher = Grant(coordinator.client, id, "", type::v1::ROLE_TEACHER, "Maude", "Paré");
    return {.code = std::move(code),
            .name = std::move(name),
            .id = id,
            .partition = reply.result.position().partition(),
            .coordinator = std::move(coordinator),
            .teacher = std::move(teacher),
            .companies = {},
            .cohorts = {}};
  }

  Company AddCompany(const School& school, size_t number) {
    company::v1::RegisterHostCompany command;
    command.set_name(kCompanies[number % std::size(kCompanies)]);
    command.set_site(std::to_string(100 + number) + ", rue Principale");
    const client::Client& coordinator = school.coordinator.client;
    const std::string id =
        Created(Ask(crew_, coordinator, command), type::v1::AGGREGATE_KIND_HOST_COMPANY);
    Person signatory =
        Grant(coordinator, school.id, id, type::v1::ROLE_COMPANY_SIGNATORY, "Sylvie", "Savard");
    Person tutor =
        Grant(coordinator, school.id, id, type::v1::ROLE_WORKPLACE_TUTOR, "Luc", "Tremblay");
    company::v1::DeclareHostingCapacity capacity;
    capacity.set_company_id(id);
    capacity.set_from_on(founding_.today_on);
    capacity.set_until_on(DaysAfter(founding_.today_on, 300));
    capacity.set_seats(200);
    capacity.set_interested(true);
    crew_.Send(coordinator, capacity);
    return {.id = id, .signatory = std::move(signatory), .tutor = std::move(tutor)};
  }

  Cohort AddCohort(const School& school, SequencePlan plan) {
    Cohort cohort;
    cohort.plan = founding_.activities == 5 ? std::move(plan)
                                            : Widened(std::move(plan), founding_.activities);
    const client::Client& teacher = school.teacher.client;
    cohort.sequence_id =
        Created(Ask(crew_, teacher, cohort.plan.design), type::v1::AGGREGATE_KIND_SEQUENCE);
    cohort.plan.activities.set_sequence_id(cohort.sequence_id);
    Ask(crew_, teacher, cohort.plan.activities);
    catalogue::v1::PublishSequence publish;
    publish.set_sequence_id(cohort.sequence_id);
    crew_.Send(teacher, publish);
    crew_.Wait();
    Enrol(school, &cohort);
    return cohort;
  }

 private:
  Person Grant(const client::Client& by, const std::string& school_id,
               const std::string& company_id, Role role, const char* given, const char* family) {
    school::v1::GrantAccess command;
    auto* identity = command.mutable_identity()->mutable_clear();
    identity->set_given_name(given);
    identity->set_family_name(family);
    command.set_role(role);
    if (company_id.empty()) {
      command.mutable_scope()->set_whole_school(true);
    } else {
      command.mutable_scope()->set_company_id(company_id);
    }
    const std::string person = CreatedPerson(Ask(crew_, by, command));
    return {.id = person, .client = anyone_.As(issue_(role, school_id, person, company_id))};
  }

  void Enrol(const School& school, Cohort* cohort) {
    for (uint32_t first = 0; first < founding_.students_per_cohort; first += kRowsMax) {
      roster::v1::EnrolStudents command;
      command.set_enrolled_on(founding_.today_on);
      const uint32_t last = std::min(first + kRowsMax, founding_.students_per_cohort);
      for (uint32_t number = first; number < last; ++number) {
        auto* row = command.add_rows();
        auto* identity = row->mutable_identity()->mutable_clear();
        identity->set_external_id(school.code + "-" + cohort->plan.design.code() + "-" +
                                  std::to_string(1000 + number));
        identity->set_given_name(kGiven[number % std::size(kGiven)]);
        identity->set_family_name(kFamilies[number / 3 % std::size(kFamilies)]);
        identity->set_born_on(20050000 + (1 + number % 12) * 100 + 1 + number % 28);
        *row->mutable_programme() = cohort->plan.design.programme();
        row->set_in_alternance(true);
      }
      const client::Reply reply = Ask(crew_, school.coordinator.client, command);
      for (const auto& created : reply.result.created()) {
        if (created.person_id().empty()) continue;
        const uint32_t number = first + created.row();
        cohort->students.push_back({.id = created.person_id(),
                                    .stay_id = {},
                                    .number = number,
                                    .company = number % founding_.companies_per_school});
      }
    }
  }

  const Founding& founding_;
  const client::Client& anyone_;
  const Issue& issue_;
  Crew& crew_;
};

}  // namespace

std::vector<School> Found(const Founding& founding, const client::Client& anyone,
                          const Issue& issue, const Import& import, Crew& crew) {
  const client::Client region = anyone.As(issue(type::v1::ROLE_REGION_COORDINATOR, "", "", ""));
  Founder founder(founding, anyone, issue, crew);
  std::vector<School> schools;
  for (uint32_t number = 0; number < founding.schools; ++number) {
    auto [code, name] = Called(number);
    School school = founder.Register(region, std::move(code), std::move(name),
                                     founding.spread ? std::optional(number) : std::nullopt);
    import(school);
    for (size_t i = 0; i < founding.companies_per_school; ++i) {
      school.companies.push_back(founder.AddCompany(school, i));
    }
    catalogue::v1::ProgrammeRef programme;
    programme.set_language("en");
    programme.set_version("2026-1");
    programme.set_code("5830");
    school.cohorts.push_back(founder.AddCohort(school, Freins(programme)));
    programme.set_code("5745");
    school.cohorts.push_back(founder.AddCohort(school, Coupe(programme)));
    schools.push_back(std::move(school));
  }
  return schools;
}

}  // namespace jalon::demo
