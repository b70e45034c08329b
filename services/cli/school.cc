// jalon school: schools and their policy.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/region/v1/region_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/cli/transfer.h"
#include "services/domain/policy.h"
#include "services/domain/school_code.h"

namespace jalon::cli {
namespace {

using catalogue::v1::GetPolicyRequest;
using catalogue::v1::GetPolicyResponse;
using region::v1::ListSchoolsRequest;
using region::v1::ListSchoolsResponse;
using region::v1::RegisteredSchool;
using school::v1::PolicySetting;
using school::v1::RegisterSchool;
using school::v1::SetPolicy;

std::string ValueText(const PolicySetting& setting) {
  switch (setting.value_case()) {
    case PolicySetting::kChoice:
      return setting.choice();
    case PolicySetting::kNumber:
      return std::to_string(setting.number());
    case PolicySetting::kWords:
      return Join(setting.words().words());
    case PolicySetting::kDates: {
      std::vector<std::string> days;
      for (const uint32_t day : setting.dates().dates()) days.push_back(DayText(day));
      return Join(days);
    }
    case PolicySetting::VALUE_NOT_SET:
      return {};
  }
  return {};
}

// The texts as a value of the kind that the key takes; false if they are none.
bool ReadValue(domain::PolicyKind kind,
               const google::protobuf::RepeatedPtrField<std::string>& texts,
               PolicySetting* setting) {
  if (kind == domain::PolicyKind::kWords) {
    *setting->mutable_words()->mutable_words() = texts;
    return true;
  }
  if (kind == domain::PolicyKind::kDates) {
    for (const std::string& text : texts) {
      const auto day = ParseDay(text);
      if (!day) return false;
      setting->mutable_dates()->add_dates(*day);
    }
    return true;
  }
  if (texts.size() != 1) return false;
  if (kind == domain::PolicyKind::kChoice) {
    setting->set_choice(texts[0]);
    return true;
  }
  const auto number = ParseCount(texts[0], UINT64_MAX);
  setting->set_number(number.value_or(0));
  return number.has_value();
}

void ShowPolicy(const GetPolicyResponse& response, Output& output) {
  Table table({{output.Say({"key", "clé"})},
               {output.Say({"value", "valeur"}), Align::kLeft, true},
               {output.Say({"since", "depuis"})},
               {output.Say({"allowed", "valeurs permises"})},
               {output.Say({"event", "événement"})}});
  const std::string by_default = output.Say({"default", "par défaut"});
  for (const auto& entry : response.entries()) {
    table.Add({entry.setting().key(),
               {ValueText(entry.setting()), entry.is_default() ? Style::kPlain : Style::kBold},
               entry.is_default() ? by_default : DayText(entry.effective_on()),
               entry.allowed(),
               EventText(entry.set_by())});
  }
  Show(table, {"No key.", "Aucune clé."}, output);
}

// By code, as people look for a school.
void ShowSchools(const ListSchoolsResponse& response, Output& output) {
  Table table({{output.Say({"code", "code"})},
               {output.Say({"name", "nom"}), Align::kLeft, true},
               {output.Say({"service centre", "centre de services"}), Align::kLeft, true},
               {output.Say({"region", "région"})},
               {output.Say({"partition", "partition"}), Align::kRight},
               {output.Say({"registered", "inscription"})},
               {output.Say({"school", "école"})}});
  std::vector<const RegisteredSchool*> schools;
  for (const RegisteredSchool& school : response.schools()) schools.push_back(&school);
  std::ranges::sort(schools, {}, &RegisteredSchool::code);
  for (const RegisteredSchool* school : schools) {
    table.Add({school->code(), school->name(), school->service_centre(), school->region(),
               std::to_string(school->partition()), EventText(school->registered()),
               ToHex(school->school_id())});
  }
  Show(table, {"No school.", "Aucune école."}, output);
  if (!response.page().next_page_token().empty()) {
    output.err << output.Say({"There are more.\n", "Il y en a d'autres.\n"});
  }
  if (response.missing_partitions().empty()) return;
  std::vector<std::string> missing;
  for (const uint32_t number : response.missing_partitions()) {
    missing.push_back(std::to_string(number));
  }
  output.err << output.Say({"Left out, since they cannot be read just now: partitions {}\n",
                            "Laissées de côté, illisibles pour l'instant : partitions {}\n"},
                           Join(missing));
}

struct Setting {
  SetPolicy command;
  type::v1::CommandHeader header;
  google::protobuf::RepeatedPtrField<std::string> values;
};

ExitCode Set(Session& session, Setting& setting) {
  Output& output = session.output();
  PolicySetting& wanted = *setting.command.mutable_setting();
  const domain::PolicyRow* row = domain::FindPolicyRow(wanted.key());
  if (row != nullptr && ReadValue(row->kind, setting.values, &wanted)) {
    return SendAndShow(session, setting.command, setting.header);
  }
  std::vector<std::string_view> keys;
  for (const domain::PolicyRow& known : domain::PolicyTable()) keys.push_back(known.name);
  output.err << "jalon: "
             << (row == nullptr
                     ? output.Say({"{} is no key of the policy; the keys are {}",
                                   "{} n'est pas une clé de la politique; les clés sont {}"},
                                  wanted.key(), Join(keys))
                     : output.Say({"this key takes another kind of value: see school policy show",
                                   "cette clé prend une autre sorte de valeur : voyez school "
                                   "policy show"}))
             << '\n';
  return ExitCode::kUsage;
}

Verb Register() {
  const auto command = std::make_shared<RegisterSchool>();
  const auto header = std::make_shared<type::v1::CommandHeader>();
  return {"register",
          {"Register a school; its id comes from its code",
           "Inscrire une école; son identifiant vient de son code"},
          std::vector<Field>{
              Text("--code", "CODE", {"its code, such as CFP-NORD", "son code, tel que CFP-NORD"},
                   command->mutable_code())
                  .Required(),
              Text("--name", "NAME", {"its name", "son nom"}, command->mutable_name()).Required(),
              Text("--service-centre", "NAME",
                   {"the school service centre it belongs to",
                    "le centre de services scolaire dont elle relève"},
                   command->mutable_service_centre()),
              Text("--region", "CODE", {"the code of its region", "le code de sa région"},
                   command->mutable_region()),
              Count("--partition",
                    {"the partition of the log that is to hold it, for ever; else by its id",
                     "la partition du journal qui la gardera, pour toujours; sinon selon son "
                     "identifiant"},
                    UINT32_MAX, [command](uint32_t number) { command->set_partition(number); })} +
              HeaderFields(header.get()),
          [command, header](Session& session) {
            header->set_school_id(domain::SchoolIdOf(command->code()));
            return SendAndShow(session, *command, *header);
          }};
}

Verb List() {
  const auto request = std::make_shared<ListSchoolsRequest>();
  return {"list",
          {"List every school, with the partition that holds it (region coordinator)",
           "Lister toutes les écoles, avec la partition qui garde chacune (responsable régional)"},
          {Flag("--partial",
                {"leave out what cannot be read just now, and say so",
                 "laisser de côté ce qui est illisible pour l'instant, et le dire"},
                [request] { request->set_allow_partial(true); })},
          [request](Session& session) {
            return AskAndShow<ListSchoolsResponse>(session, request.get(), ShowSchools);
          }};
}

}  // namespace

Noun SchoolNoun() {
  const auto setting = std::make_shared<Setting>();
  const auto request = std::make_shared<GetPolicyRequest>();
  return {
      "school",
      {"schools and their policy", "les écoles et leur politique"},
      {Register(),
       List(),
       TransferKeyVerb(),
       {"policy set",
        {"Set one key of the school's policy from a day on",
         "Fixer une clé de la politique de l'école à partir d'un jour"},
        std::vector<Field>{
            Text("KEY", "KEY", {"the key, such as makeup_gate", "la clé, telle que makeup_gate"},
                 setting->command.mutable_setting()->mutable_key())
                .Required(),
            Texts("VALUE", "VALUE",
                  {"its value; several for a list of words or days",
                   "sa valeur; plusieurs pour une liste de mots ou de jours"},
                  &setting->values)
                .Required(),
            Day("--from", {"the first day on which it counts", "le premier jour où elle vaut"},
                [setting](uint32_t day) { setting->command.set_effective_on(day); })
                .Required()} +
            HeaderFields(&setting->header),
        [setting](Session& session) { return Set(session, *setting); }},
       {"policy show",
        {"Show the school's policy as it counts on a day",
         "Montrer la politique de l'école telle qu'elle vaut un jour donné"},
        {Day("--on", {"the day; else today", "le jour; sinon aujourd'hui"},
             [request](uint32_t day) { request->set_on(day); })},
        [request](Session& session) {
          return AskAndShow<GetPolicyResponse>(session, request.get(), ShowPolicy);
        }}}};
}

}  // namespace jalon::cli
