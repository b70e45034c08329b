// jalon signer: the key of a deployment, by which its trails are signed. Works on a data folder,
// and asks no server.
#include "eventstore/base/hash.h"
#include "eventstore/signer/signing_key.h"
#include "eventstore/trail/utf8.h"
#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/table.h"

namespace jalon::cli {
namespace {

// As services/node/data_folder.h has it.
std::string KeyPath(const Session& session) { return session.globals().data + "/signer/key"; }

// Never more than the public half.
ExitCode ShowKey(const eventstore::SigningKey& key, const std::string& path,
                 const std::string& origin, Output& output) {
  const trail::PublicKey public_key = key.PublicKey();
  const std::string hex =
      ToHex({reinterpret_cast<const char*>(public_key.data()), public_key.size()});
  const std::string verifier =
      origin.empty() ? "" : trail::FormatVerifierKey(key.VerifierOf(origin));
  if (output.IsJson()) {
    output.out << JsonObject({{"key", JsonText(path)},
                              {"publicKey", JsonText(hex)},
                              {"origin", JsonText(origin)},
                              {"verifierKey", JsonText(verifier)}})
               << '\n';
    return ExitCode::kOk;
  }
  Facts facts;
  facts.Add(output.Say({"key", "clé"}), path);
  facts.Add(output.Say({"public key", "clé publique"}), hex);
  facts.Add(output.Say({"verifier key", "clé de vérification"}), verifier);
  output.out << facts.Layout(output.width, output.colour_out);
  return ExitCode::kOk;
}

ExitCode Init(Session& session, const std::string& origin) {
  const auto key = eventstore::SigningKey::Random();
  const auto made = eventstore::CreateSigningKey(KeyPath(session), key);
  if (!made) return ShowFailure(made.error(), session.output());
  return ShowKey(key, KeyPath(session), origin, session.output());
}

ExitCode ShowIt(Session& session, const std::string& origin) {
  const auto key = eventstore::LoadSigningKey(KeyPath(session));
  if (!key) return ShowFailure(key.error(), session.output());
  return ShowKey(*key, KeyPath(session), origin, session.output());
}

Field OriginField(std::string* into) {
  return {.name = "--origin",
          .value = "ORIGIN",
          .help = {"also show the verifier key of the trail of that origin: jalon trail list",
                   "montrer aussi la clé de vérification du registre de cette origine : jalon "
                   "trail list"},
          .read =
              [into](const std::string& text) {
                *into = text;
                return trail::IsName(text);
              },
          .expects = Words{"expected: a name without spaces or '+'",
                           "attendu : un nom sans espace ni « + »"}};
}

}  // namespace

Noun SignerNoun() {
  const auto origin = std::make_shared<std::string>();
  return OnDataFolder(
      {"signer",
       {"the key that signs the deployment's trails", "la clé qui signe les registres"},
       {{"init",
         {"Make the key, readable by its owner alone; never over one that is there",
          "Créer la clé, lisible de son seul propriétaire; jamais sur une clé existante"},
         {OriginField(origin.get())},
         [origin](Session& session) { return Init(session, *origin); }},
        {"show",
         {"Show the public half, never the key", "Montrer la moitié publique, jamais la clé"},
         {OriginField(origin.get())},
         [origin](Session& session) { return ShowIt(session, *origin); }}}});
}

}  // namespace jalon::cli
