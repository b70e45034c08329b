// jalon person rectify, jalon person state: both versions stay, with who, when and why.
#include "services/cli/rectify.h"

#include <memory>

#include "jalon/correction/v1/correction_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using correction::v1::RectifyPerson;

struct Correction {
  RectifyPerson command;
  type::v1::CommandHeader header;
};

Field Person(std::string* into) {
  return Id("PERSON",
            {"the student's or other person's id",
             "l'identifiant de l'élève ou d'une autre personne"},
            into, 8)
      .Required();
}

Field Reason(Correction& correction, Words help) {
  return Text("--reason", "WORDS", help,
              correction.command.mutable_reason()->mutable_clear()->mutable_text())
      .Required();
}

// "3320.1": the record and the event in it, as everything that is held on the person shows it.
Field About(Correction& correction) {
  return {.name = "--about",
          .value = "POSITION",
          .help = {"the record it is about, such as 3320.1: jalon person export shows each",
                   "l'enregistrement visé, tel que 3320.1 : jalon person export les montre"},
          .read =
              [&correction](const std::string& text) {
                const size_t dot = text.find('.');
                const auto seq = ParseCount(text.substr(0, dot), UINT64_MAX);
                const auto index = dot == std::string::npos
                                       ? std::optional<uint64_t>(0)
                                       : ParseCount(text.substr(dot + 1), UINT16_MAX);
                if (!seq || *seq == 0 || !index) return false;
                auto& statement = *correction.command.mutable_statement();
                statement.set_about_seq(*seq);
                statement.set_about_index(static_cast<uint32_t>(*index));
                return true;
              },
          .expects = Words{"expected: a position such as 3320.1",
                           "attendu : une position telle que 3320.1"},
          .required = true};
}

// What was said of the person before stays readable, and counts no more.
void SayLeftOut(const person::v1::Identity& identity, Output& output) {
  if (identity.external_id().empty()) {
    output.err << output.Say(
        {"No --external-id: the person has no code here any more, and is not "
         "recognised by a former one.\n",
         "Sans --external-id : la personne n'a plus de code ici, et n'est "
         "plus reconnue par un ancien.\n"});
  }
  if (identity.born_on() == 0) {
    output.err << output.Say({"No --born: no date of birth is said any more.\n",
                              "Sans --born : aucune date de naissance n'est plus dite.\n"});
  }
}

}  // namespace

Verb RectifyVerb() {
  const auto correction = std::make_shared<Correction>();
  auto& identity = *correction->command.mutable_identity()->mutable_identity()->mutable_clear();
  return {
      "rectify",
      {"Correct who a person is, whole: what is left out is no longer said. The first version "
       "stays beside it, with who, when and why (jalon student progress --open; jalon person "
       "export)",
       "Rectifier l'identité d'une personne, en entier : ce qui est omis n'est plus dit. La "
       "première version reste à côté, avec qui, quand et pourquoi (jalon student progress "
       "--open; jalon person export)"},
      std::vector<Field>{
          Person(correction->command.mutable_person_id()),
          Text("--given-name", "NAME", {"the given name", "le prénom"},
               identity.mutable_given_name())
              .Required(),
          Text("--family-name", "NAME", {"the family name", "le nom de famille"},
               identity.mutable_family_name())
              .Required(),
          Text("--external-id", "CODE",
               {"the school's own code of the person", "le code que l'école donne à la personne"},
               identity.mutable_external_id()),
          Day("--born", {"date of birth", "date de naissance"},
              [&identity](uint32_t day) { identity.set_born_on(day); }),
          Text("--email", "ADDRESS", {"electronic mail", "courriel"}, identity.mutable_email()),
          Text("--telephone", "NUMBER", {"telephone", "téléphone"}, identity.mutable_telephone()),
          Text("--guardian", "NAME",
               {"the guardian of a minor", "le titulaire de l'autorité parentale"},
               identity.mutable_guardian()->mutable_name()),
          Text("--guardian-email", "ADDRESS",
               {"the guardian's electronic mail", "le courriel du titulaire"},
               identity.mutable_guardian()->mutable_email()),
          Text("--guardian-telephone", "NUMBER",
               {"the guardian's telephone", "le téléphone du titulaire"},
               identity.mutable_guardian()->mutable_telephone()),
          Reason(*correction, {"why it is corrected", "pourquoi on rectifie"})} +
          HeaderFields(&correction->header),
      [correction](Session& session) {
        auto& said = *correction->command.mutable_identity()->mutable_identity()->mutable_clear();
        // With an address and no name, the server says that the name is required.
        if (said.guardian().ByteSizeLong() == 0) said.clear_guardian();
        const person::v1::Identity identity = said;
        const ExitCode code = SendAndShow(session, correction->command, correction->header);
        if (code == ExitCode::kOk) SayLeftOut(identity, session.output());
        return code;
      }};
}

Verb StatementVerb() {
  const auto correction = std::make_shared<Correction>();
  auto& statement = *correction->command.mutable_statement();
  return {"state",
          {"Record that a correction was refused: what the person says stands beside the record, "
           "with why the school refused",
           "Consigner qu'une rectification est refusée : ce que dit la personne figure à côté de "
           "l'enregistrement, avec le motif du refus"},
          std::vector<Field>{
              Person(correction->command.mutable_person_id()), About(*correction),
              Text("--words", "WORDS", {"what the person says", "ce que dit la personne"},
                   statement.mutable_words()->mutable_clear()->mutable_text())
                  .Required(),
              Reason(*correction, {"why the school refused", "pourquoi l'école a refusé"})} +
              HeaderFields(&correction->header),
          [correction](Session& session) {
            return SendAndShow(session, correction->command, correction->header);
          }};
}

}  // namespace jalon::cli
