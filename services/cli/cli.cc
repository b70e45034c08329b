#include "services/cli/cli.h"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <string_view>
#include <vector>

#include "eventstore/base/hash.h"
#include "services/cli/nouns.h"
#include "services/cli/parse.h"
#include "services/cli/session.h"
#include "services/cli/text.h"
#include "services/domain/school_code.h"

namespace jalon::cli {
namespace {

constexpr uint32_t kDeadlineSecondsMax = 3600;

// In the order of the help: what a school does, then what keeps it running.
std::vector<Noun> Nouns(const Wiring& wiring) {
  return {SchoolNoun(),       AccessNoun(),      ProgrammeNoun(), SequenceNoun(),   CompanyNoun(),
          StayNoun(),         StudentNoun(),     PersonNoun(),    MakeUpNoun(),     ExplainNoun(),
          CallNoun(),         TrailNoun(),       TokenNoun(),     FeedNoun(wiring), CertNoun(),
          SignerNoun(wiring), VaultNoun(wiring), ViewNoun(),      LogNoun(wiring),  ClockNoun()};
}

Field SchoolField(Bytes* into) {
  return {.name = "--school",
          .value = "CODE|ID",
          .help = {"the school, where the credential does not name one",
                   "l'école, si l'accréditation n'en nomme pas une"},
          .read =
              [into](const std::string& text) {
                if (!FromHex(text, into) || into->size() != 16) *into = domain::SchoolIdOf(text);
                return true;
              },
          .environment = "JALON_SCHOOL"};
}

Field AfterField(std::optional<type::v1::Position>* into) {
  return {.name = "--after",
          .value = "POSITION",
          .help = {"answer from a view that has this position, as a command printed it",
                   "répondre d'une vue qui a cette position, telle qu'une commande l'a affichée"},
          .read =
              [into](const std::string& text) {
                *into = ParsePosition(text);
                return into->has_value();
              },
          .expects = Words{"expected: a position as a command prints it",
                           "attendu : une position telle qu'une commande l'affiche"}};
}

Field OneOf(std::string name, std::string choices, Words help, std::string* into) {
  return {.name = std::move(name),
          .value = choices,
          .help = help,
          .read =
              [into, choices = std::move(choices)](const std::string& text) {
                *into = text;
                return ('|' + choices + '|').find('|' + text + '|') != std::string::npos;
              },
          .expects = Words{"expected: one of the words that --help lists",
                           "attendu : l'un des mots que donne --help"}};
}

std::vector<Field> GlobalFields(Globals* globals) {
  return {
      Text("--server", "HOST:PORT", {"the server (127.0.0.1:7411)", "le serveur (127.0.0.1:7411)"},
           &globals->server)
          .From("JALON_SERVER"),
      Text("--token", "TOKEN",
           {"who you are: jalon token issue", "qui vous êtes : jalon token issue"}, &globals->token)
          .From("JALON_TOKEN"),
      Text("--token-file", "FILE",
           {"the file that holds the token", "le fichier qui contient le jeton"},
           &globals->token_file)
          .From("JALON_TOKEN_FILE"),
      Text("--data", "DIR",
           {"the server's data folder: for token, signer, vault, view, log, clock",
            "le dossier de données du serveur : pour token, signer, vault, view, log, clock"},
           &globals->data)
          .From("JALON_DATA"),
      SchoolField(&globals->school_id),
      AfterField(&globals->after),
      Count("--deadline",
            {"seconds to wait for an answer (10); an operator's long work has no limit but this",
             "secondes d'attente d'une réponse (10); le long travail d'un exploitant n'a pas "
             "d'autre limite"},
            kDeadlineSecondsMax,
            [globals](uint32_t seconds) { globals->deadline_ms = seconds * 1000; }),
      Text("--receipts", "FOLDER",
           {"keep the receipts of what is reported here, as files",
            "garder ici, en fichiers, les récépissés de ce qui est déclaré"},
           &globals->receipts)
          .From("JALON_RECEIPTS"),
      OneOf("--output", "table|json",
            {"tables for people, or JSON for programs",
             "des tableaux pour les gens, ou du JSON pour les programmes"},
            &globals->output),
      OneOf("--lang", "en|fr",
            {"the language of words; else that of LANG", "la langue des mots; sinon celle de LANG"},
            &globals->language),
      Flag("--no-color", {"no colours [NO_COLOR]", "sans couleurs [NO_COLOR]"},
           [globals] { globals->no_colour = true; })};
}

}  // namespace

int Run(const std::vector<std::string>& arguments, const Wiring& wiring, Output& output) {
  output.language = ChosenLanguage(arguments);
  Globals globals;
  const std::vector<Field> global_fields = GlobalFields(&globals);
  const std::vector<Noun> nouns = Nouns(wiring);
  const auto verb = Parse(nouns, wiring.programs, global_fields, arguments, output);
  if (!verb) return static_cast<int>(verb.error());
  if (globals.output == "json") output.form = Form::kJson;
  if (globals.no_colour) output.colour_out = output.colour_err = false;
  if ((*verb)->needs_data && globals.data.empty()) {
    output.err << output.Say({"jalon: --data is missing: this works on a server's data folder\n",
                              "jalon: il manque --data : ceci travaille sur le dossier de données "
                              "d'un serveur\n"});
    return static_cast<int>(ExitCode::kUsage);
  }
  const SystemClock clock;
  Session session(globals, output, clock);
  return static_cast<int>((*verb)->run(session));
}

int Main(int argc, char** argv, const Wiring& wiring) {
  // The language may stand before a program's name, as before any other word.
  std::vector<char*> words(argv, argv + argc + 1);
  std::ptrdiff_t name = 1;
  if (argc > 1 && std::string_view(argv[1]) == "--lang") name = 3;
  if (argc > 1 && std::string_view(argv[1]).starts_with("--lang=")) name = 2;
  for (const Program& program : wiring.programs) {
    if (name >= argc || program.name != words[static_cast<size_t>(name)]) continue;
    std::rotate(words.begin() + 1, words.begin() + name, words.begin() + name + 1);
    return program.run(argc - 1, words.data() + 1);
  }
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of writing, said like any other
  const Terminal terminal = ThisTerminal();
  Output output{.out = std::cout,
                .err = std::cerr,
                .width = terminal.width,
                .colour_out = terminal.colour_out,
                .colour_err = terminal.colour_err,
                .live_err = terminal.live_err};
  const int code = Run({argv + 1, argv + argc}, wiring, output);
  return IsWritten(output) ? code : static_cast<int>(ExitCode::kNotWritten);
}

}  // namespace jalon::cli
