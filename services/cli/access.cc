// jalon access: who may do what, and who did. By a grant a tutor, signatory or member of staff
// comes to exist.
#include <algorithm>
#include <memory>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/school/v1/access_service.pb.h"
#include "services/cli/access_log.h"
#include "services/cli/answer.h"
#include "services/cli/erased_mark.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/role_field.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using school::v1::GrantAccess;
using school::v1::GrantState;
using school::v1::ListGrantsRequest;
using school::v1::ListGrantsResponse;
using school::v1::RevokeAccess;

struct Grant {
  GrantAccess command;
  person::v1::Identity identity;
  type::v1::CommandHeader header;
};

ExitCode Run(Session& session, Grant& grant) {
  if (grant.identity.ByteSizeLong() > 0) {
    *grant.command.mutable_identity()->mutable_clear() = grant.identity;
  }
  return SendAndShow(session, grant.command, grant.header);
}

// The person: known by id, or new with a name.
std::vector<Field> PersonFields(Grant& grant) {
  return {Id("--person",
             {"a person known already; else a new one, who is named",
              "une personne déjà connue; sinon une nouvelle, qu'on nomme"},
             grant.command.mutable_person_id(), 8),
          Text("--given-name", "NAME", {"of a new person", "d'une nouvelle personne"},
               grant.identity.mutable_given_name()),
          Text("--family-name", "NAME", {"of a new person", "d'une nouvelle personne"},
               grant.identity.mutable_family_name()),
          Text("--external-id", "CODE",
               {"the school's own code of the person", "le code que l'école donne à la personne"},
               grant.identity.mutable_external_id()),
          Text("--email", "ADDRESS", {"of a new person", "d'une nouvelle personne"},
               grant.identity.mutable_email())};
}

Verb GrantVerb() {
  const auto grant = std::make_shared<Grant>();
  school::v1::AccessScope& scope = *grant->command.mutable_scope();
  return {
      "grant",
      {"Give a person a role; the answer has the id of a new person",
       "Donner un rôle à une personne; la réponse a l'identifiant d'une nouvelle personne"},
      std::vector<Field>{
          RoleField({"the role", "le rôle"},
                    [grant](type::v1::Role role) { grant->command.set_role(role); })
              .Required(),
          Flag("--whole-school", {"over the whole school", "pour toute l'école"},
               [&scope] { scope.set_whole_school(true); }),
          Id("--company",
             {"the company of a tutor or signatory", "l'entreprise d'un tuteur ou d'un signataire"},
             scope.mutable_company_id(), 8),
          Ids("--student",
              {"a student of a teacher or guardian",
               "un élève d'un enseignant ou d'un tuteur légal"},
              scope.mutable_student_ids(), 8),
          Texts("--programme", "CODE",
                {"a programme of a teacher; of several kinds, all must hold",
                 "un programme d'un enseignant; de plusieurs genres, tous doivent tenir"},
                scope.mutable_programme_codes()),
          Texts("--module", "CODE", {"a module of a teacher", "un module d'un enseignant"},
                scope.mutable_module_codes()),
          Day("--until", {"the last day; else no end", "le dernier jour; sinon sans fin"},
              [grant](uint32_t day) { grant->command.set_expires_on(day); })} +
          PersonFields(*grant) + HeaderFields(&grant->header),
      [grant](Session& session) { return Run(session, *grant); }};
}

Verb RevokeVerb() {
  struct Revoked {
    RevokeAccess command;
    type::v1::CommandHeader header;
  };
  const auto sent = std::make_shared<Revoked>();
  return {"revoke",
          {"End a grant now: whatever is asked or sent under it is refused from then on",
           "Mettre fin à un accès maintenant : tout ce qui en dépend est refusé dès lors"},
          std::vector<Field>{Id("GRANT",
                                {"the grant, as 'access list' tells it",
                                 "l'accès, tel que « access "
                                 "list » le donne"},
                                sent->command.mutable_grant_id(), 8)
                                 .Required(),
                             Id("--person", {"who holds it", "qui le détient"},
                                sent->command.mutable_person_id(), 8)
                                 .Required()} +
              HeaderFields(&sent->header),
          [sent](Session& session) { return SendAndShow(session, sent->command, sent->header); }};
}

// "the whole school", or what it names: company, students, programmes, modules.
std::string ScopeText(const school::v1::GrantRow& row, const Output& output) {
  const school::v1::AccessScope& scope = row.scope();
  if (scope.whole_school()) return output.Say({"the whole school", "toute l'école"});
  std::vector<std::string> parts;
  if (!scope.company_id().empty()) {
    parts.push_back(output.Say({"company {}", "entreprise {}"}, ToHex(scope.company_id())));
  }
  for (const std::string& student : scope.student_ids()) {
    const auto& gone = row.erased_student_ids();
    parts.push_back(output.Say({"student {}", "élève {}"}, ToHex(student)) +
                    ErasedMark(std::ranges::find(gone, student) != gone.end(), output));
  }
  for (const auto* codes : {&scope.programme_codes(), &scope.module_codes()}) {
    parts.insert(parts.end(), codes->begin(), codes->end());
  }
  return Join(parts);
}

void ShowGrants(const ListGrantsResponse& response, Output& output) {
  Table table({{output.Say({"grant", "accès"})},
               {output.Say({"person", "personne"})},
               {output.Say({"role", "rôle"})},
               {output.Say({"over", "sur"}), Align::kLeft, true},
               {output.Say({"until", "jusqu'au"})},
               {output.Say({"state", "état"})},
               {output.Say({"event", "événement"})}});
  for (const school::v1::GrantRow& row : response.grants()) {
    const bool holds = row.state() == school::v1::GRANT_STATE_ACTIVE;
    table.Add({ToHex(row.grant_id()),
               ToHex(row.person_id()) + ErasedMark(row.has_erased(), output),
               NameIn(output.language, row.role()),
               ScopeText(row, output),
               DayText(row.expires_on()),
               {NameIn(output.language, row.state()), holds ? Style::kPlain : Style::kDim},
               EventText(row.has_revoked() ? row.revoked() : row.granted())});
  }
  Show(table, {"No grant.", "Aucun accès."}, output);
}

Verb ListVerb() {
  const auto request = std::make_shared<ListGrantsRequest>();
  Field state = Choice("--state", {"in this state; else in any", "dans cet état; sinon dans tous"},
                       school::v1::GrantState_descriptor(), [request](int value) {
                         request->add_states(static_cast<GrantState>(value));
                       });
  state.many = true;
  return {"list",
          {"List who may do what, by pseudonym: what holds, and what ended",
           "Lister qui peut faire quoi, par pseudonyme : ce qui tient, et ce qui a pris fin"},
          {Id("--person", {"of this person", "de cette personne"}, request->mutable_person_id(), 8),
           state},
          [request](Session& session) {
            return AskAndShow<ListGrantsResponse>(session, request.get(), ShowGrants);
          }};
}

}  // namespace

Noun AccessNoun() {
  return {"access",
          {"who may do what, and who did", "qui peut faire quoi, et qui l'a fait"},
          {GrantVerb(), ListVerb(), AccessLogVerb(), RevokeVerb(), AccessVerifyVerb()}};
}

}  // namespace jalon::cli
