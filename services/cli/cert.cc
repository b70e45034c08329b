// jalon cert: certificates of the processes of one deployment, for development and tests. Works on
// folders, and asks no server.
#include <memory>

#include "eventstore/peer/issue.h"
#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

struct Wish {
  eventstore::IssueWish issue;
  google::protobuf::RepeatedPtrField<std::string> hosts;
};

ExitCode Issue(Session& session, Wish& wish) {
  Output& output = session.output();
  wish.issue.hosts.assign(wish.hosts.begin(), wish.hosts.end());
  const auto issued = eventstore::IssueCertificate(wish.issue, session.clock());
  if (!issued) return ShowFailure(issued.error(), output);
  const std::string who = wish.issue.who.Uri();
  const std::string expires = TimeText(issued->expires.count());
  if (output.IsJson()) {
    output.out << JsonObject({{"identity", JsonText(who)},
                              {"folder", JsonText(wish.issue.folder)},
                              {"expires", JsonText(expires)},
                              {"authorityMade", issued->authority_made ? "true" : "false"}})
               << '\n';
    return ExitCode::kOk;
  }
  if (issued->authority_made) {
    output.out << output.Say({"Made an authority in {}. Whoever has its ca.key can join the "
                              "deployment: keep it apart.\n",
                              "Autorité créée dans {}. Qui a son ca.key peut se joindre au "
                              "déploiement : gardez-le à part.\n"},
                             wish.issue.authority_folder);
  }
  output.out << output.Say(
      {"Issued {} into {}, valid until {}\n", "Émis : {} dans {}, valide jusqu'à {}\n"}, who,
      wish.issue.folder, expires);
  return ExitCode::kOk;
}

Field KindField(eventstore::PeerKind* into) {
  return {.name = "--kind",
          .value = "node|vault|signer",
          .help = {"what the process is: others serve it by its kind",
                   "ce qu'est le processus : les autres le servent selon sa sorte"},
          .read =
              [into](const std::string& text) {
                const auto kind = eventstore::PeerKindNamed(text);
                if (kind) *into = *kind;
                return kind.has_value();
              },
          .expects = Words{"expected: one of the words that --help lists",
                           "attendu : l'un des mots que donne --help"},
          .required = true};
}

std::vector<Field> IssueFields(Wish& wish) {
  eventstore::IssueWish& issue = wish.issue;
  return {
      Text("--ca", "DIR",
           {"the folder of the authority; made if it is not there",
            "le dossier de l'autorité; créé s'il n'existe pas"},
           &issue.authority_folder)
          .Required(),
      KindField(&issue.who.kind),
      Text("--name", "NAME",
           {"its name: a-z, 0-9 and '-', not that of another process of its kind",
            "son nom : a-z, 0-9 et '-', pas celui d'un autre processus de sa sorte"},
           &issue.who.name)
          .Required(),
      Texts("--host", "HOST",
            {"a host's name or an address under which others call it; once for each",
             "un nom d'hôte ou une adresse où les autres l'appellent; une fois pour chacun"},
            &wish.hosts)
          .Required(),
      Text("--out", "DIR",
           {"the folder to make: what serve --certificates takes",
            "le dossier à créer : ce que prend serve --certificates"},
           &issue.folder)
          .Required(),
      Count("--days", {"how long it is valid (365, at most 825)", "sa durée (365, au plus 825)"},
            eventstore::kCertificateDaysMax, [&issue](uint32_t days) { issue.days = days; }),
      Flag("--renew",
           {"replace the certificate that is there; its process goes on with it",
            "remplacer le certificat qui s'y trouve; son processus continue avec lui"},
           [&issue] { issue.renew = true; })};
}

}  // namespace

Noun CertNoun() {
  const auto wish = std::make_shared<Wish>();
  return {"cert",
          {"certificates of a deployment's processes, for development",
           "les certificats des processus d'un déploiement, pour le développement"},
          {{"issue",
            {"Make the certificate of a process, and an authority if there is none",
             "Faire le certificat d'un processus, et une autorité s'il n'y en a pas"},
            IssueFields(*wish),
            [wish](Session& session) { return Issue(session, *wish); }}}};
}

}  // namespace jalon::cli
