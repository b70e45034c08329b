// jalon signer: the key of a deployment, by which its trails are signed. Works on a data folder,
// and asks no server; what an auditor needs of it works on the public half alone.
#include <algorithm>
#include <memory>
#include <optional>

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

struct Wanted {
  std::string origin;
  std::optional<trail::PublicKey> public_key;
};

// Never more than the public half. `path`: where the key lies, if it does.
ExitCode ShowKey(const trail::PublicKey& key, const std::string& path, const std::string& origin,
                 Output& output) {
  const std::string hex = ToHex({reinterpret_cast<const char*>(key.data()), key.size()});
  const std::string verifier =
      origin.empty()
          ? ""
          : trail::FormatVerifierKey(trail::MakeVerifierKey(origin, trail::KeyType::kLog, key));
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

// Makes what the wiring makes of the data folder, and shows the key.
ExitCode Make(Session& session, const std::string& origin, const ChangeSigner& make) {
  const auto key = make(session.globals().data);
  if (!key) return ShowFailure(key.error(), session.output());
  return ShowKey(key->PublicKey(), KeyPath(session), origin, session.output());
}

ExitCode ShowIt(Session& session, const Wanted& wanted) {
  Output& output = session.output();
  if (wanted.public_key) return ShowKey(*wanted.public_key, "", wanted.origin, output);
  if (session.globals().data.empty()) {
    output.err << output.Say(
        {"jalon: --data is missing: the key lies in a server's data folder; whoever has only its "
         "public half gives it with --public-key\n",
         "jalon : il manque --data : la clé est dans le dossier de données d'un serveur; qui n'en "
         "a que la moitié publique la donne avec --public-key\n"});
    return ExitCode::kUsage;
  }
  const auto key = eventstore::LoadSigningKey(KeyPath(session));
  if (!key) return ShowFailure(key.error(), output);
  return ShowKey(key->PublicKey(), KeyPath(session), wanted.origin, output);
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

Field PublicKeyField(std::optional<trail::PublicKey>* into) {
  return {
      .name = "--public-key",
      .value = "HEX",
      .help = {"the public half of the key, instead of the key in --data: an auditor's way to "
               "the verifier key of --origin",
               "la moitié publique de la clé, au lieu de la clé dans --data : ainsi un "
               "auditeur fait la clé de vérification de --origin"},
      .read =
          [into](const std::string& text) {
            std::string bytes;
            trail::PublicKey key;
            if (!FromHex(text, &bytes) || bytes.size() != key.size()) return false;
            std::ranges::copy(bytes, key.begin());
            *into = key;
            return true;
          },
      .expects = Words{"expected: 64 hexadecimal digits", "attendu : 64 chiffres hexadécimaux"}};
}

}  // namespace

Noun SignerNoun(const Wiring& wiring) {
  const auto wanted = std::make_shared<Wanted>();
  std::vector<Field> origin = {OriginField(&wanted->origin)};
  Noun noun{"signer",
            {"the key that signs the deployment's trails", "la clé qui signe les registres"},
            {}};
  if (wiring.make_signer) {
    noun.verbs.push_back(
        {"init",
         {"Make the key, readable by its owner alone, and the memory of what it signs; never over "
          "what is there",
          "Créer la clé, lisible de son seul propriétaire, et la mémoire de ce qu'elle signe; "
          "jamais sur ce qui existe"},
         origin,
         [wanted, make = wiring.make_signer](Session& session) {
           return Make(session, wanted->origin, make);
         }});
  }
  if (wiring.forget_signed) {
    noun.verbs.push_back(
        {"forget",
         {"Begin an empty memory beside the key, where its own is lost for good and the log was "
          "not put back from a backup: nothing then holds the key to what it signed before",
          "Commencer une mémoire vide à côté de la clé, si la sienne est perdue pour de bon et que "
          "le journal ne vient pas d'une sauvegarde : rien ne lie plus alors la clé à ce qu'elle a "
          "signé"},
         origin,
         [wanted, forget = wiring.forget_signed](Session& session) {
           return Make(session, wanted->origin, forget);
         }});
  }
  noun = OnDataFolder(std::move(noun));
  noun.verbs.push_back(
      {"show",
       {"Show the public half, never the key", "Montrer la moitié publique, jamais la clé"},
       origin + std::vector{PublicKeyField(&wanted->public_key)},
       [wanted](Session& session) { return ShowIt(session, *wanted); }});
  return noun;
}

}  // namespace jalon::cli
