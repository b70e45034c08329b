// jalon access: who may do what. By a grant a tutor, signatory or member of staff comes to exist.
#include <memory>

#include "jalon/school/v1/access_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/role_field.h"

namespace jalon::cli {
namespace {

using school::v1::GrantAccess;

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

}  // namespace

Noun AccessNoun() {
  const auto grant = std::make_shared<Grant>();
  school::v1::AccessScope& scope = *grant->command.mutable_scope();
  return {"access",
          {"who may do what", "qui peut faire quoi"},
          {{"grant",
            {"Give a person a role; the answer has the id of a new person",
             "Donner un rôle à une personne; la réponse a l'identifiant d'une nouvelle personne"},
            std::vector<Field>{
                RoleField({"the role", "le rôle"},
                          [grant](type::v1::Role role) { grant->command.set_role(role); })
                    .Required(),
                Flag("--whole-school", {"over the whole school", "pour toute l'école"},
                     [&scope] { scope.set_whole_school(true); }),
                Id("--company",
                   {"the company of a tutor or signatory",
                    "l'entreprise d'un tuteur ou d'un signataire"},
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
            [grant](Session& session) { return Run(session, *grant); }}}};
}

}  // namespace jalon::cli
