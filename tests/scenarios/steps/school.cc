// Schools, policy, people, time.
#include <fmt/format.h>

#include <algorithm>

#include "eventstore/base/hash.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/model/keys.h"
#include "services/domain/policy.h"
#include "services/domain/school_code.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

// Who registers schools: nobody of a school.
void EnsureRegion(Stage& stage) {
  if (stage.Knows(Named::kPerson, "region")) return;
  stage.Name(Named::kPerson, "region", "region00");
  stage.AddCaller("region", {.person_id = "region00",
                             .role = type::v1::ROLE_REGION_COORDINATOR,
                             .school_id = {},
                             .company_id = {},
                             .modules = {}});
}

void RegisterSchool(Step& step, const std::string& who) {
  EnsureRegion(step.stage());
  school::v1::RegisterSchool command;
  command.set_code(step.stage().world().SchoolCode(step["code"]));
  command.set_name(step.Has("name") ? step["name"] : "School " + step["code"]);
  step.stage().EnterSchool(domain::SchoolIdOf(command.code()));
  step.Send(who, command);
}

void SetPolicy(Step& step) {
  school::v1::SetPolicy command;
  school::v1::PolicySetting& setting = *command.mutable_setting();
  setting.set_key(step["key"]);
  const domain::PolicyRow* row = domain::FindPolicyRow(step["key"]);
  const Words values = step.List("values");
  if (row == nullptr || row->kind == domain::PolicyKind::kChoice) {
    setting.set_choice(step["values"]);
  } else if (row->kind == domain::PolicyKind::kNumber) {
    setting.set_number(NumberNamed(step["values"]));
  } else if (row->kind == domain::PolicyKind::kWords) {
    for (const std::string& word : values) setting.mutable_words()->add_words(word);
  } else {
    for (const std::string& date : values) setting.mutable_dates()->add_dates(DateNamed(date));
  }
  command.set_effective_on(step.Has("date") ? DateNamed(step["date"]) : step.stage().Today());
  step.Send(step["who"], command);
}

// What the clauses of a grant say of its scope and end.
void TakeScope(Step& step, school::v1::GrantAccess& command) {
  school::v1::AccessScope& scope = *command.mutable_scope();
  Stage& stage = step.stage();
  for (Line& clause : step.clauses()) {
    if (clause.Is("for the whole school")) scope.set_whole_school(true);
    if (const auto of = clause.Is("for student|students <students...>")) {
      for (const auto& name : of->List("students")) {
        *scope.add_student_ids() = stage.Id(Named::kPerson, name);
      }
    }
    if (const auto of = clause.Is("for module|modules <modules...>")) {
      for (const auto& module : of->List("modules")) *scope.add_module_codes() = module;
    }
    if (const auto of = clause.Is("for programme <programme>")) {
      *scope.add_programme_codes() = (*of)["programme"];
    }
    if (const auto until = clause.Is("until <date>")) {
      command.set_expires_on(DateNamed((*until)["date"]));
    }
  }
}

// A token says nothing of a scope, unless it is made to narrow one.
std::vector<std::string> TakeTokenModules(Step& step) {
  for (Line& clause : step.clauses()) {
    if (const auto of = clause.Is("with a token for module|modules <modules...>")) {
      return of->List("modules");
    }
  }
  return {};
}

// A person whom the scenario does not know yet is described; a known one is named by id. The
// external id of a new person says who it is to the school.
void TakePerson(Step& step, const std::string& name, school::v1::GrantAccess& command) {
  Stage& stage = step.stage();
  std::string external_id;
  bool nobody = false;
  bool also_described = false;
  for (Line& clause : step.clauses()) {
    if (const auto id = clause.Is("external id <id>")) external_id = (*id)["id"];
    if (clause.Is("without identity")) nobody = true;
    if (clause.Is("described again")) also_described = true;
  }
  const bool known = stage.Knows(Named::kPerson, name);
  if (known) command.set_person_id(stage.Id(Named::kPerson, name));
  if (nobody || (known && !also_described)) return;
  auto& identity = *command.mutable_identity()->mutable_clear();
  identity.set_given_name(name);
  identity.set_family_name("Essai");
  identity.set_external_id(external_id);
}

// Grants the role; whoever gets it may act in it from then on.
void Grant(Step& step, const std::string& who, const std::string& name, const std::string& role,
           bool whole_school) {
  Stage& stage = step.stage();
  school::v1::GrantAccess command;
  command.set_role(RoleNamed(role));
  if (step.Has("company")) {
    command.mutable_scope()->set_company_id(stage.Id(Named::kCompany, step["company"]));
  } else if (whole_school) {
    command.mutable_scope()->set_whole_school(true);
  }
  TakeScope(step, command);
  TakePerson(step, name, command);
  const std::vector<std::string> token_modules = TakeTokenModules(step);
  const Answer& answer = step.Send(who, command);
  if (!answer.accepted || answer.result.dry_run()) return;
  step.NameCreatedPerson(name);
  stage.last_grants[name] = step.Created(type::v1::AGGREGATE_KIND_GRANT);
  stage.AddCaller(name, {.person_id = stage.Id(Named::kPerson, name),
                         .role = command.role(),
                         .school_id = stage.school_id(),
                         .company_id = command.scope().company_id(),
                         .modules = token_modules});
}

// Ends the last grant of that name; "as if of" says whose it is said to be.
void Revoke(Step& step) {
  Stage& stage = step.stage();
  const auto grant = stage.last_grants.find(step["name"]);
  if (grant == stage.last_grants.end()) throw StepFailed{step["name"] + " was granted nothing"};
  std::string holder = step["name"];
  for (Line& clause : step.clauses()) {
    if (const auto other = clause.Is("as if of <other>")) holder = (*other)["other"];
  }
  school::v1::RevokeAccess command;
  command.set_person_id(stage.Id(Named::kPerson, holder));
  command.set_grant_id(grant->second);
  step.Send(step["who"], command);
}

// A token that says a role, whatever the school granted: the person has no grant of it.
void HoldTokenOnly(Step& step, const std::string& role) {
  Stage& stage = step.stage();
  const std::string& name = step["name"];
  if (!stage.Knows(Named::kPerson, name)) {
    const Hash hash = Sha256(name);
    stage.Name(Named::kPerson, name, Bytes(View(hash).substr(0, domain::kPersonIdBytes)));
  }
  const Bytes company_id =
      step.Has("company") ? stage.Id(Named::kCompany, step["company"]) : Bytes();
  stage.ReplaceCaller(name, {.person_id = stage.Id(Named::kPerson, name),
                             .role = RoleNamed(role),
                             .school_id = stage.school_id(),
                             .company_id = company_id,
                             .modules = {}});
}

void MoveClockTo(Stage& stage, domain::LocalDate date) {
  const int32_t days = domain::DaysBetween(stage.Today(), date);
  const Result<void> moved = stage.world().Advance(std::chrono::hours(24) * days);
  if (!moved) throw StepFailed{moved.error().message};
}

}  // namespace

void AddSchoolSteps(StepTable& steps) {
  steps.Given("school <code> [named <name>]", [](Step& step) { RegisterSchool(step, "region"); });
  steps.Given("<who> registers school <code> [named <name>]",
              [](Step& step) { RegisterSchool(step, step["who"]); });
  steps.Given("<who> sets <key> to <values...> [from <date>]", SetPolicy);
  steps.Given("<name> is coordinator|teacher|auditor|analyst", [](Step& step) {
    Grant(step, "region", step["name"], step.words().back(), /*whole_school=*/true);
  });
  steps.Given("<name> is tutor|signatory at <company>", [](Step& step) {
    Grant(step, "region", step["name"], step.words()[2], /*whole_school=*/false);
  });
  steps.Given("<who> makes <name> <role> [at <company>]", [](Step& step) {
    Grant(step, step["who"], step["name"], step["role"], /*whole_school=*/false);
  });
  steps.Given("<who> revokes the access of <name>", Revoke);
  steps.Given("<name> has but a token as <role> [at <company>]",
              [](Step& step) { HoldTokenOnly(step, step["role"]); });
  steps.Given("today is <date>",
              [](Step& step) { MoveClockTo(step.stage(), DateNamed(step["date"])); });
  steps.Given("<count> day|days pass|passes", [](Step& step) {
    const auto days = static_cast<int32_t>(NumberNamed(step["count"]));
    MoveClockTo(step.stage(), domain::AddDays(step.stage().Today(), days));
  });
}

}  // namespace jalon::scenarios
