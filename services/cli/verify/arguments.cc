#include "services/cli/verify/arguments.h"

#include <algorithm>
#include <functional>

#include "services/cli/chosen_language.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

constexpr uint64_t kThreadsMax = 64;
constexpr uint64_t kHoursMax = 24 * 366 * 100;

constexpr Words kHelp{
    R"(Usage: jalon verify EXPORT --key VKEY [options]

Checks an export of a company's trail with the log's public key, offline and without a server.

  EXPORT                the folder with the file 'checkpoint'
  --key VKEY|FILE       the log's verifier key, as text or in a file; again for that of a receipts
                        log or the root log, also beside --policy. A file may hold many, one a
                        line; lines that begin with '#' are none
  --rotation NOTE       the note by which a key that was given vouches for the one after it, which
                        counts too; again for a later change
  --checkpoint OLDER    a checkpoint of the same trail, kept from before or obtained elsewhere, or
                        of the root log, where the export was made with --since-root; again for
                        more
  --receipt RECEIPT     a receipt (.tlog-proof) for an entry of the trail; again for more. The
                        entry's bytes are read from the file of that name ending in .entry, if any
  --policy FILE         logs, witnesses and their quorum (C2SP tlog-policy)
  --published           refuse what is not proven to be in a root log, whose key is given too
  --max-age HOURS       how old the witnesses' signatures may be, and not from a time to come;
                        needs --policy
  --at SECONDS          the time to reckon from, since 1970 in UTC; else now
  --threads N           how many threads read and hash (1)
  --output table|json   words for people, or JSON for programs
  --lang en|fr          the language of words; else that of LANG
  --no-color            no colours [NO_COLOR]

Exit codes: 0 valid, 2 misused, 3 and 5 not readable, 20 altered, 21 forked, 22 truncated,
23 receipt missing, 24 stale, 25 unsigned, 26 wrong origin, 27 malformed, 130 interrupted.
)",
    R"(Usage : jalon verify EXPORT --key VKEY [options]

Vérifie une exportation du registre d'une entreprise avec la clé publique du journal, hors ligne et
sans serveur.

  EXPORT                le dossier où est le fichier « checkpoint »
  --key VKEY|FICHIER    la clé de vérification du journal, en texte ou dans un fichier; à répéter
                        pour celle d'un journal de récépissés ou du journal racine, aussi à côté
                        de --policy. Un fichier peut en avoir plusieurs, une par ligne; les lignes
                        qui commencent par « # » n'en sont pas
  --rotation NOTE       la note par laquelle une clé donnée répond de la suivante, qui compte
                        alors aussi; à répéter pour un changement d'après
  --checkpoint ANCIEN   un point de contrôle du même registre, gardé d'avant ou obtenu ailleurs,
                        ou du journal racine, si l'exportation est faite avec --since-root; à
                        répéter
  --receipt RÉCÉPISSÉ   un récépissé (.tlog-proof) d'une entrée du registre; à répéter. Les
                        octets de l'entrée sont lus du fichier du même nom en .entry, s'il existe
  --policy FICHIER      journaux, témoins et quorum (C2SP tlog-policy)
  --published           refuser ce qui n'est pas prouvé au journal racine, dont la clé est donnée
                        aussi
  --max-age HEURES      l'âge permis aux signatures des témoins, qui ne sont pas d'une heure à
                        venir; demande --policy
  --at SECONDES         l'instant d'où compter, depuis 1970 en UTC; sinon maintenant
  --threads N           combien de fils lisent et hachent (1)
  --output table|json   des mots pour les gens, ou du JSON pour les programmes
  --lang en|fr          la langue des mots; sinon celle de LANG
  --no-color            sans couleurs [NO_COLOR]

Codes de sortie : 0 valide, 2 mauvais usage, 3 et 5 illisible, 20 altéré, 21 bifurqué, 22 tronqué,
23 récépissé sans entrée, 24 périmé, 25 non signé, 26 autre origine, 27 mal formé, 130 interrompu.
)"};

// Takes a value; false: it is none.
using Take = std::function<bool(const std::string&)>;

struct Option {
  std::string_view name;
  Take take;
};

Take Into(std::string* text) {
  return [text](const std::string& value) {
    *text = value;
    return !value.empty();
  };
}

Take Into(std::vector<std::string>* list) {
  return [list](const std::string& value) {
    list->push_back(value);
    return !value.empty();
  };
}

Take Number(uint64_t least, uint64_t most, std::function<void(uint64_t)> set) {
  return [least, most, set = std::move(set)](const std::string& value) {
    const auto number = ParseCount(value, most);
    if (!number || *number < least) return false;
    set(*number);
    return true;
  };
}

std::vector<Option> Options(VerifyArguments* into, Output* output) {
  return {
      {"--key", Into(&into->keys)},
      {"--rotation", Into(&into->rotations)},
      {"--checkpoint", Into(&into->older)},
      {"--receipt", Into(&into->receipts)},
      {"--policy", Into(&into->policy)},
      {"--max-age", Number(1, kHoursMax, [into](uint64_t hours) { into->max_age_hours = hours; })},
      {"--at", Number(0, INT64_MAX, [into](uint64_t at) { into->at_s = at; })},
      {"--threads",
       Number(1, kThreadsMax,
              [into](uint64_t threads) { into->threads = static_cast<uint32_t>(threads); })},
      {"--output",
       [output](const std::string& value) {
         output->form = value == "json" ? Form::kJson : Form::kTable;
         return value == "json" || value == "table";
       }},
      {"--lang",
       [output](const std::string& value) {
         output->language = LanguageOf(value);
         return value == "fr" || value == "en";
       }},
  };
}

std::unexpected<ExitCode> Misused(const std::string& what, Output& output) {
  output.err << "jalon verify: " << what << '\n'
             << output.Say({"Try --help.\n", "Voyez --help.\n"});
  return std::unexpected(ExitCode::kUsage);
}

// "--name=value" as "--name", "value".
std::vector<std::string> Split(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    if (argument.starts_with("--") && equals != argument.npos) {
      words.push_back(argument.substr(0, equals));
      words.push_back(argument.substr(equals + 1));
    } else {
      words.push_back(argument);
    }
  }
  return words;
}

std::expected<void, ExitCode> Check(const VerifyArguments& read, Output& output) {
  if (read.folder.empty())
    return Misused(output.Say({"EXPORT is missing", "il manque EXPORT"}), output);
  if (read.keys.empty() && read.policy.empty()) {
    return Misused(
        output.Say({"--key is missing: it comes from the deployment by another way, such "
                    "as its contract",
                    "il manque --key : elle vient du déploiement par une autre voie, tel "
                    "son contrat"}),
        output);
  }
  if (read.max_age_hours && read.policy.empty()) {
    return Misused(output.Say({"--max-age needs the witnesses of a --policy",
                               "--max-age demande les témoins d'une --policy"}),
                   output);
  }
  return {};
}

}  // namespace

std::expected<VerifyArguments, ExitCode> ReadVerifyArguments(
    const std::vector<std::string>& arguments, Output& output) {
  VerifyArguments read;
  output.language = ChosenLanguage(arguments);  // first of all: what is wrong is said in it
  const std::vector<Option> options = Options(&read, &output);
  const std::vector<std::string> words = Split(arguments);
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "-h" || word == "--help") {
      output.out << output.Say(kHelp);
      return std::unexpected(ExitCode::kOk);
    }
    if (word == "--no-color") {
      output.colour_out = output.colour_err = false;
      continue;
    }
    if (word == "--published") {
      read.published = true;
      continue;
    }
    if (!word.starts_with('-') && read.folder.empty() && !word.empty()) {
      read.folder = word;
      continue;
    }
    const auto option =
        std::ranges::find_if(options, [&](const Option& known) { return known.name == word; });
    if (option == options.end()) {
      return Misused(output.Say({"not expected here: {}", "inattendu ici : {}"}, word), output);
    }
    if (++i == words.size()) {
      return Misused(output.Say({"{} needs a value", "{} demande une valeur"}, word), output);
    }
    if (!option->take(words[i])) {
      return Misused(
          output.Say({"{}: {}: not possible here", "{} : {} : impossible ici"}, word, words[i]),
          output);
    }
  }
  if (const auto checked = Check(read, output); !checked) return std::unexpected(checked.error());
  return read;
}

}  // namespace jalon::cli
