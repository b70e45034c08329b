// jalon signer: the key of a deployment, by which its trails are signed. Works on a data folder,
// and asks no server; what an auditor needs of it works on the public half alone.
#include <algorithm>
#include <memory>
#include <optional>

#include "eventstore/base/hash.h"
#include "eventstore/signer/key_folder.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/rotation.h"
#include "eventstore/trail/utf8.h"
#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/read_file.h"
#include "services/cli/stopped_store.h"
#include "services/cli/table.h"

namespace jalon::cli {
namespace {

// As services/node/data_folder.h has it.
std::string FolderOf(const Session& session) { return session.globals().data + "/signer"; }

struct Wanted {
  std::string origin;
  std::optional<trail::PublicKey> public_key;
  std::string rotation;  // a file
  bool yes = false;
  bool replaces_lost_key = false;
};

// What is shown: never more than public halves.
struct Shown {
  trail::PublicKey key{};
  std::string path = {};  // where the key lies, if it does
  std::optional<trail::PublicKey> previous = {};
  std::optional<uint32_t> generation = {};
  std::vector<std::string> rotations = {};
};

std::string HexOf(const trail::PublicKey& key) {
  return ToHex({reinterpret_cast<const char*>(key.data()), key.size()});
}

std::string JsonTexts(const std::vector<std::string>& texts) {
  std::string array = "[";
  for (const std::string& text : texts) {
    if (array.size() > 1) array += ',';
    array += JsonText(text);
  }
  return array + "]";
}

ExitCode Show(const Shown& shown, const std::string& origin, Output& output) {
  const auto verifier = [&origin](const std::optional<trail::PublicKey>& key) -> std::string {
    if (origin.empty() || !key) return {};
    return trail::FormatVerifierKey(trail::MakeVerifierKey(origin, trail::KeyType::kLog, *key));
  };
  const std::string previous = shown.previous ? HexOf(*shown.previous) : "";
  if (output.IsJson()) {
    output.out << JsonObject({{"key", JsonText(shown.path)},
                              {"publicKey", JsonText(HexOf(shown.key))},
                              {"previousPublicKey", JsonText(previous)},
                              {"generation",
                               JsonText(shown.generation ? std::to_string(*shown.generation) : "")},
                              {"origin", JsonText(origin)},
                              {"verifierKey", JsonText(verifier(shown.key))},
                              {"previousVerifierKey", JsonText(verifier(shown.previous))},
                              {"rotation",
                               JsonText(shown.rotations.empty() ? "" : shown.rotations.back())},
                              {"rotations", JsonTexts(shown.rotations)}})
               << '\n';
    return ExitCode::kOk;
  }
  Facts facts;
  facts.Add(output.Say({"key", "clé"}), shown.path);
  facts.Add(output.Say({"public key", "clé publique"}), HexOf(shown.key));
  facts.Add(output.Say({"verifier key", "clé de vérification"}), verifier(shown.key));
  facts.Add(output.Say({"previous public key", "clé publique précédente"}), previous);
  facts.Add(output.Say({"previous verifier key", "clé de vérification précédente"}),
            verifier(shown.previous));
  if (shown.generation) {
    facts.Add(output.Say({"generation", "génération"}), std::to_string(*shown.generation));
  }
  output.out << facts.Layout(output.width, output.colour_out);
  if (shown.rotations.empty()) return ExitCode::kOk;
  output.out << output.Say(
      {"Each key vouches for the one after it with a note below, the oldest first, which whoever "
       "has an old verifier key checks, each from a file of its own: jalon verify … --rotation "
       "FILE\n",
       "Chaque clé répond de la suivante par une note ci-dessous, la plus ancienne d'abord, que "
       "vérifie qui a une ancienne clé de vérification, chacune dans son fichier : jalon verify … "
       "--rotation FICHIER\n"});
  for (const std::string& note : shown.rotations) output.out << '\n' << note;
  return ExitCode::kOk;
}

// What lies in the data folder.
ExitCode ShowFolder(Session& session, const std::string& origin) {
  const std::string folder = FolderOf(session);
  const auto files = eventstore::ReadKeyFolder(folder);
  if (!files) return ShowFailure(files.error(), session.output());
  Shown shown{.key = files->keys.now.PublicKey(),
              .path = eventstore::KeyIn(folder),
              .generation = files->generation,
              .rotations = files->rotations};
  if (files->keys.before) shown.previous = files->keys.before->PublicKey();
  return Show(shown, origin, session.output());
}

// Makes what the wiring makes of the data folder, and shows what is there then.
ExitCode Change(Session& session, const std::string& origin, const ChangeSigner& change) {
  const auto changed = change(session.globals().data);
  if (!changed) return ShowFailure(changed.error(), session.output());
  return ShowFolder(session, origin);
}

ExitCode OpenGeneration(Session& session, const Wanted& wanted, const ChangeSigner& open) {
  Output& output = session.output();
  if (wanted.yes) return Change(session, wanted.origin, open);
  output.err << output.Say(
      {"jalon: this is for a log that was put back from a backup which lacks signed entries, where "
       "no newer one is left. From the next start on every trail, receipts log and the root log is "
       "signed under another name, NAME/2 after NAME/1, which each verifier key has too: everybody "
       "who checks trails needs the new names. Checkpoints and receipts from before stay evidence "
       "of what was lost. It cannot be undone; --yes does it\n",
       "jalon : ceci est pour un journal rétabli d'une sauvegarde à laquelle il manque des entrées "
       "signées, quand il n'en reste pas de plus récente. Dès le prochain démarrage chaque "
       "registre, journal de récépissés et le journal racine est signé sous un autre nom, NOM/2 "
       "après NOM/1, qu'a aussi chaque clé de vérification : qui vérifie des registres a besoin "
       "des nouveaux noms. Les points de contrôle et récépissés d'avant restent la preuve de ce "
       "qui est perdu. Rien ne le défait; --yes le fait\n"});
  return ExitCode::kUsage;
}

// The key that the note says comes after the one that was given.
ExitCode ShowNext(const trail::PublicKey& old_key, const Wanted& wanted, Output& output) {
  const auto note = ReadFile(wanted.rotation, trail::kNoteBytesMax, output.language);
  if (!note) return ShowFailure(note.error(), output);
  const auto next = trail::OpenRotation(*note, old_key);
  if (next) return Show({.key = *next, .previous = old_key}, wanted.origin, output);
  output.err << output.Say(
      {"jalon: {}: the key that was given has not signed this as the note of its successor: do not "
       "rely on it, and ask for the note that 'jalon signer show' prints where the key lies\n",
       "jalon : {} : la clé donnée n'a pas signé ceci comme la note de sa suivante : ne vous y "
       "fiez "
       "pas, et demandez la note que « jalon signer show » écrit là où est la clé\n"},
      wanted.rotation);
  return ExitCode::kUnsigned;
}

ExitCode ShowIt(Session& session, const Wanted& wanted) {
  Output& output = session.output();
  if (wanted.public_key && !wanted.rotation.empty()) {
    return ShowNext(*wanted.public_key, wanted, output);
  }
  if (wanted.public_key) return Show({.key = *wanted.public_key}, wanted.origin, output);
  if (session.globals().data.empty() || !wanted.rotation.empty()) {
    output.err << output.Say(
        {"jalon: --data is missing: the key lies in a server's data folder; whoever has only its "
         "public half gives it with --public-key\n",
         "jalon : il manque --data : la clé est dans le dossier de données d'un serveur; qui n'en "
         "a que la moitié publique la donne avec --public-key\n"});
    return ExitCode::kUsage;
  }
  return ShowFolder(session, wanted.origin);
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

Field RotationField(std::string* into) {
  return Text("--rotation", "FILE",
              {"the note by which the key of --public-key vouches for the one after it, which is "
               "shown instead",
               "la note par laquelle la clé de --public-key répond de la suivante, montrée à sa "
               "place"},
              into);
}

// What an operator does, where the wiring has a hand for it.
struct ChangeVerb {
  std::string name;
  Words help;
  ChangeSigner change;
};

std::vector<ChangeVerb> ChangeVerbs(const Wiring& wiring) {
  return {
      {"forget",
       {"Begin an empty memory beside the key, where its own is lost for good and the log was not "
        "put back from a backup: nothing then holds the key to what it signed before",
        "Commencer une mémoire vide à côté de la clé, si la sienne est perdue pour de bon et que "
        "le journal ne vient pas d'une sauvegarde : rien ne lie plus alors la clé à ce qu'elle a "
        "signé"},
       wiring.forget_signed},
      {"rotate",
       {"Change the key, server stopped: from the next start on the new one signs, and the old one "
        "beside it until 'retire'; prints the note by which the old one vouches for it",
        "Changer la clé, serveur arrêté : dès le prochain démarrage la nouvelle signe, et "
        "l'ancienne à côté jusqu'à « retire »; écrit la note par laquelle l'ancienne en répond"},
       wiring.rotate_key},
      {"retire",
       {"Destroy the key before the last change, server stopped: whoever has only its verifier key "
        "needs the new one from here on",
        "Détruire la clé d'avant le dernier changement, serveur arrêté : qui n'a que sa clé de "
        "vérification a dès lors besoin de la nouvelle"},
       wiring.retire_key}};
}

void AddInit(const Wiring& wiring, const std::shared_ptr<Wanted>& wanted, Noun* noun) {
  std::vector<Field> fields = {OriginField(&wanted->origin)};
  if (wiring.replace_signer) {
    fields.push_back(
        Flag("--replaces-lost-key",
             {"the key that signed this log is lost for good: the next start claims with the new "
              "one, and says so in the log; start that node alone first",
              "la clé qui a signé ce journal est perdue pour de bon : le prochain démarrage "
              "s'annonce avec la nouvelle, et le dit au journal; démarrez d'abord ce nœud seul"},
             [wanted] { wanted->replaces_lost_key = true; }));
  }
  Verb init{
      "init",
      {"Make the key, readable by its owner alone, and the memory of what it signs; never over "
       "what is there",
       "Créer la clé, lisible de son seul propriétaire, et la mémoire de ce qu'elle signe; "
       "jamais sur ce qui existe"},
      std::move(fields),
      [wanted, make = wiring.make_signer, replace = wiring.replace_signer](Session& session) {
        return Change(session, wanted->origin, wanted->replaces_lost_key ? replace : make);
      }};
  noun->verbs.insert(noun->verbs.begin(), std::move(init));
}

}  // namespace

Noun SignerNoun(const Wiring& wiring) {
  const auto wanted = std::make_shared<Wanted>();
  const std::vector<Field> origin = {OriginField(&wanted->origin)};
  Noun noun{"signer",
            {"the key that signs the deployment's trails", "la clé qui signe les registres"},
            {}};
  for (const ChangeVerb& verb : ChangeVerbs(wiring)) {
    if (!verb.change) continue;
    noun.verbs.push_back(
        {verb.name, verb.help, origin, [wanted, change = verb.change](Session& session) {
           return Change(session, wanted->origin, change);
         }});
  }
  if (wiring.open_generation) {
    noun.verbs.push_back(
        {"open-generation",
         {"Sign under new names from the next start on, where the log was put back from a backup "
          "that lacks signed entries; says what it costs, and needs --yes",
          "Signer sous de nouveaux noms dès le prochain démarrage, si le journal a été rétabli "
          "d'une sauvegarde à laquelle il manque des entrées signées; dit ce que cela coûte, et "
          "demande --yes"},
         origin +
             std::vector{Flag(
                 "--yes", {"do it, knowing what it costs", "le faire, sachant ce que cela coûte"},
                 [wanted] { wanted->yes = true; })},
         [wanted, open = wiring.open_generation](Session& session) {
           return OpenGeneration(session, *wanted, open);
         }});
  }
  if (wiring.cut_memory) {
    noun.verbs.push_back(RepairVerb(
        {"Say what a half-written end of a stopped server's memory of what was signed is, and cut "
         "it",
         "Dire ce qu'est la fin à moitié écrite de la mémoire de ce qui fut signé, serveur "
         "arrêté, et la couper"},
        Words{
            "Cut it only if the log lost nothing: after a power cut that took from both, nothing "
            "would notice that other entries are signed in the place of those that were.",
            "Ne la coupez que si le journal n'a rien perdu : après une panne qui a pris aux deux, "
            "rien ne remarquerait que d'autres entrées sont signées à la place des premières."},
        wiring.cut_memory));
  }
  if (wiring.make_signer) AddInit(wiring, wanted, &noun);
  noun = OnDataFolder(std::move(noun));
  noun.verbs.push_back(
      {"show",
       {"Show the public half, never the key", "Montrer la moitié publique, jamais la clé"},
       origin + std::vector{PublicKeyField(&wanted->public_key), RotationField(&wanted->rotation)},
       [wanted](Session& session) { return ShowIt(session, *wanted); }});
  return noun;
}

}  // namespace jalon::cli
