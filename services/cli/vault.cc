// jalon vault: the keys of personal data. For the operator of the process that has them: through
// the socket in its data folder, or on that folder while it is stopped.
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "eventstore/base/hash.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/stopped_store.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using admin::v1::BackUpKeysRequest;
using admin::v1::BackUpKeysResponse;
using admin::v1::GetVaultStatusResponse;
using admin::v1::PromoteVaultRequest;
using admin::v1::PromoteVaultResponse;
using admin::v1::RotateSchoolKeyRequest;
using admin::v1::RotateSchoolKeyResponse;

struct Wish {
  std::string folder;
  std::string root_key;
  bool accept_older = false;
  std::string although_behind;  // a term
  bool although_paired = false;
};

void ShowStatus(const GetVaultStatusResponse& status, Output& output) {
  Facts facts;
  const bool fenced = status.role() == admin::v1::VAULT_ROLE_FENCED;
  facts.Add(output.Say({"vault", "coffre"}),
            {NameIn(output.language, status.role()), fenced ? Style::kBad : Style::kPlain});
  facts.Add(output.Say({"term", "mandat"}), std::to_string(status.term()));
  facts.Add(output.Say({"life", "vie"}), ToHex(status.life()));
  facts.Add(output.Say({"writes", "écritures"}), CountText(status.writes(), output.language));
  const bool gone = status.standby() == admin::v1::STANDBY_STATE_GONE;
  facts.Add(output.Say({"standby", "réserve"}),
            {NameIn(output.language, status.standby()), gone ? Style::kBad : Style::kPlain});
  if (status.behind()) {
    facts.Add(output.Say({"keys", "clés"}),
              {output.Say({"not all: attach it before it is promoted",
                           "pas toutes : à reprendre avant de la promouvoir"}),
               Style::kBad});
  }
  facts.Add(output.Say({"trouble", "problème"}), Printable(status.standby_trouble()));
  facts.Add(output.Say({"copies go to", "copies vers"}),
            status.key_backup().empty()
                ? output.Say({"nowhere: --key-backup", "nulle part : --key-backup"})
                : Printable(status.key_backup()));
  if (status.backed_up_at() != 0) {
    facts.Add(output.Say({"last verified copy", "dernière copie vérifiée"}),
              TimeText(status.backed_up_at()));
  }
  output.out << facts.Layout(output.width, output.colour_out);
}

// What the operator is told in words, where it is no reason that others are told.
ExitCode ShowRefusal(const client::Reply& reply, Output& output) {
  const bool in_words = reply.refusals.refusals().empty() && !reply.error.reason.empty();
  return in_words ? ShowFailure(reply.error, output) : ShowFailure(reply, nullptr, output);
}

// What a call came to: JSON, or by `show`.
template <typename Response, typename Shower>
ExitCode ShowReply(const client::Reply& reply, const Response& response, Output& output,
                   const Shower& show) {
  if (!reply.ok) return ShowRefusal(reply, output);
  if (output.IsJson()) {
    output.out << ToJson(response, true) << '\n';
  } else {
    show();
  }
  return ExitCode::kOk;
}

ExitCode Status(Session& session) {
  Output& output = session.output();
  GetVaultStatusResponse status;
  const client::Reply reply = session.VaultOperator().GetVaultStatus(&status);
  return ShowReply(reply, status, output, [&] { ShowStatus(status, output); });
}

ExitCode Backup(Session& session, const Wish& wish) {
  Output& output = session.output();
  BackUpKeysRequest request;
  request.set_target_path(std::filesystem::absolute(wish.folder).lexically_normal().string());
  BackUpKeysResponse made;
  const client::Reply reply = session.VaultOperator().BackUpKeys(request, &made);
  return ShowReply(reply, made, output, [&] {
    output.out << output.Say(
        {"Copied to {}: {} keys, {}, each one opened. What opens them is not in it: keep "
         "keys.epochs/ and the root key apart from it.\n",
         "Copié dans {} : {} clés, {}, chacune ouverte. Ce qui les ouvre n'y est pas : gardez "
         "keys.epochs/ et la clé racine à part.\n"},
        Printable(made.path()), CountText(made.keys(), output.language), SizeText(made.bytes()));
  });
}

ExitCode Rotate(Session& session) {
  Output& output = session.output();
  if (session.globals().school_id.empty()) {
    output.err << output.Say({"jalon: --school is missing: whose key\n",
                              "jalon: il manque --school : de qui est la clé\n"});
    return ExitCode::kUsage;
  }
  RotateSchoolKeyRequest request;
  request.set_school_id(session.globals().school_id);
  RotateSchoolKeyResponse rotated;
  const client::Reply reply = session.VaultOperator().RotateSchoolKey(request, &rotated);
  return ShowReply(reply, rotated, output, [&] {
    output.out << output.Say(
        {"The school's keys are wrapped by a new key (epoch {}); the one before is destroyed, and "
         "older copies of the keys open nothing of the school any more.\n",
         "Les clés de l'école sont scellées par une nouvelle clé (époque {}); la précédente est "
         "détruite, et les anciennes copies des clés n'ouvrent plus rien de l'école.\n"},
        rotated.epoch());
  });
}

template <typename Act>
ExitCode Do(Session& session, Act act, const Words& done) {
  Output& output = session.output();
  const client::Reply reply = act(session.VaultOperator());
  if (!reply.ok) return ShowRefusal(reply, output);
  if (output.IsJson()) {
    output.out << "{}\n";
  } else {
    output.out << output.Say(done) << '\n';
  }
  return ExitCode::kOk;
}

ExitCode Promote(Session& session, const Wish& wish) {
  Output& output = session.output();
  PromoteVaultRequest request;
  if (!wish.although_behind.empty()) {
    const auto term = ParseCount(wish.although_behind, UINT32_MAX);
    if (!term || *term == 0) {
      output.err << output.Say({"jalon: --although-behind wants a term, a number\n",
                                "jalon: --although-behind attend un mandat, un nombre\n"});
      return ExitCode::kUsage;
    }
    request.set_although_behind(*term);
  }
  PromoteVaultResponse promoted;
  const client::Reply reply = session.VaultOperator().PromoteVault(request, &promoted);
  return ShowReply(reply, promoted, output, [&] {
    output.out << output.Say(
        {"This is the vault now (term {}). Give the nodes its address: --vault. The one before "
         "can come back as a standby: --standby-of. Unless it was detached from this one it gives "
         "out nothing new; until it learns of this one it may open what is sealed.\n",
         "Ceci est maintenant le coffre (mandat {}). Donnez son adresse aux nœuds : --vault. Le "
         "précédent peut revenir en réserve : --standby-of. À moins d'en avoir été détaché il ne "
         "donne plus rien de nouveau; d'ici à ce qu'il l'apprenne il peut ouvrir ce qui est "
         "scellé.\n"},
        promoted.term());
    if (wish.although_behind.empty()) return;
    output.out << output.Say(
        {"Keys that the vault made and this one was not given are lost, and whom it erased has "
         "keys here again: stop each node, remove the file erasing in its data folder, and start "
         "it. The vault before must never serve again: erase its folder.\n",
         "Les clés que le coffre a faites et que celui-ci n'a pas reçues sont perdues, et ceux "
         "qu'il a effacés ont ici de nouveau des clés : arrêtez chaque nœud, retirez le fichier "
         "erasing de son dossier, et démarrez-le. Le coffre précédent ne doit plus jamais "
         "servir : effacez son dossier.\n"});
  });
}

ExitCode Restore(Session& session, const Wish& wish, const RestoreKeys& restore_keys) {
  Output& output = session.output();
  const auto restored =
      restore_keys(wish.folder, {session.globals().data, wish.root_key}, wish.accept_older);
  if (!restored) return ShowFailure(restored.error(), output);
  if (output.IsJson()) {
    output.out << JsonObject({{"keys", JsonText(std::to_string(restored->keys))},
                              {"writes", JsonText(std::to_string(restored->writes))}})
               << '\n';
    return ExitCode::kOk;
  }
  output.out << output.Say(
      {"Restored: {} keys, each one opened.\n", "Restauré : {} clés, chacune ouverte.\n"},
      CountText(restored->keys, output.language));
  if (wish.accept_older) {
    output.out << output.Say(
        {"What was sealed with keys made since stays closed. Nodes of a vault know its keys by "
         "keys.witness: remove that in each of their data folders.\n",
         "Ce qui fut scellé par des clés faites depuis reste fermé. Les nœuds d'un coffre en "
         "reconnaissent les clés à keys.witness : retirez-le de chacun de leurs dossiers.\n"});
  }
  return ExitCode::kOk;
}

ExitCode RotateRootKey(Session& session, const Wish& wish, const RotateRoot& rotate_root) {
  Output& output = session.output();
  const auto rotated = rotate_root({session.globals().data, wish.root_key}, wish.although_paired);
  if (!rotated) return ShowFailure(rotated.error(), output);
  if (output.IsJson()) {
    output.out << "{}\n";
  } else {
    output.out << output.Say(
        {"The root key is another one, and the one before is destroyed. Copy it anew, and copies "
         "of "
         "keys.epochs/ too: older ones open no more.\n",
         "La clé racine est une autre, et la précédente est détruite. Copiez-la de nouveau, et "
         "keys.epochs/ aussi : les anciennes copies ne s'ouvrent plus.\n"});
  }
  return ExitCode::kOk;
}

Field RootKeyField(std::string* into) {
  return Text(
      "--root-key", "FILE",
      {"the file of the root key (DATA/root.key)", "le fichier de la clé racine (DATA/root.key)"},
      into);
}

// Of a process that is stopped.
std::vector<Verb> StoppedVerbs(const Wiring& wiring, const std::shared_ptr<Wish>& wish) {
  std::vector<Verb> verbs;
  if (wiring.cut_keys) {
    Verb repair = RepairVerb(
        {"Say what a half-written end of a stopped process's keys is, and cut it",
         "Dire ce qu'est la fin à moitié écrite des clés d'un processus arrêté, et la couper"},
        std::nullopt, [wish, cut_keys = wiring.cut_keys](const std::string& data, bool dry_run) {
          return cut_keys(data, dry_run, wish->although_paired);
        });
    repair.fields.push_back(
        Flag("--although-paired",
             {"although the vault's standby may have what is cut, and would lose it too",
              "bien que la réserve du coffre ait peut-être ce qui est coupé, et le perde aussi"},
             [wish] { wish->although_paired = true; }));
    verbs.push_back(std::move(repair));
  }
  if (wiring.restore_keys) {
    verbs.push_back(
        {"restore",
         {"Make the keys of a stopped process of a copy; keys.epochs/ and the root key must be "
          "there",
          "Faire d'une copie les clés d'un processus arrêté; keys.epochs/ et la clé racine doivent "
          "y être"},
         {Text("COPY", "DIR",
               {"the folder that vault backup filled", "le dossier qu'a rempli vault backup"},
               &wish->folder)
              .Required(),
          RootKeyField(&wish->root_key),
          Flag("--accept-older",
               {"although keys were made since, which are lost",
                "bien que des clés aient été faites depuis, qui sont perdues"},
               [wish] { wish->accept_older = true; })},
         [wish, restore_keys = wiring.restore_keys](Session& session) {
           return Restore(session, *wish, restore_keys);
         }});
  }
  if (wiring.rotate_root) {
    verbs.push_back(
        {"rotate-root",
         {"Put a new root key in the place of a stopped process's, and destroy the one before; "
          "what "
          "was cut short is ended",
          "Remplacer la clé racine d'un processus arrêté, et détruire la précédente; ce qui fut "
          "interrompu est mené à bout"},
         {RootKeyField(&wish->root_key),
          Flag("--although-paired",
               {"although the other vault of a pair then has to be begun anew with that key",
                "bien que l'autre coffre d'une paire doive alors être recommencé avec cette clé"},
               [wish] { wish->although_paired = true; })},
         [wish, rotate_root = wiring.rotate_root](Session& session) {
           return RotateRootKey(session, *wish, rotate_root);
         }});
  }
  return verbs;
}

// Of a vault and its standby.
std::vector<Verb> PairVerbs(const std::shared_ptr<Wish>& wish) {
  return {
      {"detach-standby",
       {"Let the vault go on without its standby, which misses every later key",
        "Laisser le coffre continuer sans sa réserve, à qui toute clé manquera désormais"},
       {},
       [](Session& session) {
         return Do(
             session, [](const auto& vault) { return vault.DetachStandby(); },
             {"Detached: keys are made and destroyed here alone. Do not promote the standby: it "
              "refuses, once it was told, unless it is forced. It keeps the keys of those who "
              "are erased from now on: attach it again, or erase its folder.",
              "Détachée : les clés sont faites et détruites ici seulement. Ne promouvez pas "
              "la réserve : une fois avertie elle le refuse, à moins d'y être forcée. Elle "
              "garde les clés des personnes effacées désormais : reprenez-la, ou effacez son "
              "dossier."});
       }},
      {"attach-standby",
       {"Take a standby that was detached again: it gets every key",
        "Reprendre une réserve détachée : elle reçoit toutes les clés"},
       {},
       [](Session& session) {
         return Do(session, [](const auto& vault) { return vault.ReattachStandby(); },
                   {"Attached: it is given every key as soon as it is reached.",
                    "Attachée : elle reçoit toutes les clés dès qu'elle est jointe."});
       }},
      {"promote",
       {"Make a standby the vault, where the vault is lost",
        "Faire de la réserve le coffre, si le coffre est perdu"},
       {Text("--although-behind", "TERM",
             {"although it was not given every key: the term that begins, above that of every "
              "vault that has had these keys",
              "bien qu'elle n'ait pas reçu toutes les clés : le mandat qui commence, au-dessus "
              "de celui de tout coffre qui a eu ces clés"},
             &wish->although_behind)},
       [wish](Session& session) { return Promote(session, *wish); }}};
}

}  // namespace

Noun VaultNoun(const Wiring& wiring) {
  const auto wish = std::make_shared<Wish>();
  Noun noun = {
      "vault",
      {"the keys of personal data (operator)", "les clés des données personnelles (exploitant)"},
      {{"status",
        {"Show which vault this is, and how it and its standby are",
         "Montrer quel coffre c'est, et comment il va, lui et sa réserve"},
        {},
        Status},
       {"backup",
        {"Copy the keys into a folder that is there, and open each one in the copy",
         "Copier les clés dans un dossier qui existe, et ouvrir chacune dans la copie"},
        {Text("DIR", "DIR", {"the folder", "le dossier"}, &wish->folder).Required()},
        [wish](Session& session) { return Backup(session, *wish); }},
       {"rotate",
        {"Wrap a school's keys by a new key, and destroy the one before: --school says whose",
         "Sceller les clés d'une école par une nouvelle clé, et détruire la précédente : --school "
         "dit laquelle"},
        {},
        Rotate}}};
  for (Verb& verb : PairVerbs(wish)) noun.verbs.push_back(std::move(verb));
  for (Verb& verb : StoppedVerbs(wiring, wish)) noun.verbs.push_back(std::move(verb));
  return OnDataFolder(std::move(noun));
}

}  // namespace jalon::cli
