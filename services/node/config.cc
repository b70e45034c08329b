#include "services/node/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "services/cli/cli.h"
#include "services/cli/words.h"

namespace jalon::node {
namespace {

constexpr uint32_t kPartitionsMax = 4096;
constexpr uint32_t kMebibytesMax = 64 * 1024;
constexpr uint32_t kDrainMsMax = 60 * 60 * 1000;
constexpr uint32_t kPublishSecondsMax = 24 * 60 * 60;

using cli::Say;
using cli::Words;

// The environment's name of an option: "--drain-ms" is JALON_DRAIN_MS.
std::string VariableOf(const CLI::Option& option) {
  std::string name = "JALON_" + option.get_lnames().front();
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

// Its options, with their words in one language.
class Options {
 public:
  Options(CLI::App* app, cli::Language language) : app_(*app), language_(language) {}

  template <typename T>
  CLI::Option* Add(const char* name, T* into, const Words& help) {
    return app_.add_option(name, *into, Text(help));
  }
  CLI::Option* AddFlag(const char* name, bool* into, const Words& help) {
    return app_.add_flag(name, *into, Text(help));
  }
  void AddRest() {
    app_.set_help_flag("-h,--help", Text({"print this, and end", "afficher ceci, et finir"}));
    app_.allow_config_extras(CLI::config_extras_mode::error);
    app_.set_config("--config", "",
                    Text({"a TOML file with these options, without the dashes",
                          "un fichier TOML de ces options, sans les tirets"}));
    app_.footer(Text(
        {"Each option may also stand in the environment, such as JALON_DATA for --data, or in the\n"
         "file of --config. Options count before the environment, that before the file.",
         "Chaque option peut aussi venir de l'environnement, comme JALON_DATA pour --data, ou du\n"
         "fichier de --config. Les options l'emportent sur l'environnement, et lui sur le "
         "fichier."}));
    app_.get_formatter()->label("Usage", Text({"Usage", "Usage "}));
  }

  CLI::Validator Between(uint32_t least, uint32_t most) const {
    return {[=, language = language_](const std::string& text) {
              uint32_t number = 0;
              const auto [end, error] =
                  std::from_chars(text.data(), text.data() + text.size(), number);
              const bool whole = error == std::errc() && end == text.data() + text.size();
              if (whole && number >= least && number <= most) return std::string();
              return Say(language,
                         {"{}: a whole number from {} to {}", "{} : un nombre entier de {} à {}"},
                         text, least, most);
            },
            ""};
  }
  // HOST:PORT; which hosts may be, the server says.
  CLI::Validator Address() const {
    return {[language = language_](const std::string& text) {
              const size_t colon = text.rfind(':');
              const std::string port = colon == text.npos ? "" : text.substr(colon + 1);
              uint16_t number = 0;
              const auto [end, error] =
                  std::from_chars(port.data(), port.data() + port.size(), number);
              const bool whole = error == std::errc() && end == port.data() + port.size();
              if (colon != 0 && whole) return std::string();
              return Say(language,
                         {"{}: an address and a port from 0 to 65535, such as 127.0.0.1:7411",
                          "{} : une adresse et un port de 0 à 65535, tel que 127.0.0.1:7411"},
                         text);
            },
            ""};
  }
  CLI::Validator File() const {
    return {[language = language_](const std::string& path) {
              if (std::filesystem::is_regular_file(path)) return std::string();
              return Say(language, {"{}: there is no such file", "{} : ce fichier n'existe pas"},
                         path);
            },
            ""};
  }

 private:
  std::string Text(const Words& words) const { return std::string(words.In(language_)); }

  CLI::App& app_;
  const cli::Language language_;
};

// Where this process is found, and how its peers and it know each other.
void DescribePorts(Options& options, Config* config, std::string* roles) {
  options
      .Add("--listen", &config->listen,
           {"address and port, on the loopback interface",
            "adresse et port, sur l'interface locale"})
      ->check(options.Address());
  options.Add("--roles", roles,
              {"what this process does: writer,query,relay,signer,vault (all, but the vault where "
               "--vault names another)",
               "ce que fait ce processus : writer,query,relay,signer,vault (tout, sauf le coffre "
               "si --vault en nomme un autre)"});
  options
      .Add("--vault", &config->vault,
           {"address and port of the process that has the keys; without it, this one has its own",
            "adresse et port du processus qui a les clés; sans elle, celui-ci a les siennes"})
      ->check(options.Address());
  options
      .Add("--peer-listen", &config->peer_listen,
           {"address and port for other processes of the deployment, behind mutual TLS",
            "adresse et port pour les autres processus du déploiement, sous TLS mutuel"})
      ->check(options.Address());
  options
      .Add("--peer-address", &config->peer_address,
           {"how they reach it, where that is another one (--peer-listen)",
            "comment ils le joignent, si c'en est une autre (--peer-listen)"})
      ->check(options.Address());
  options.Add("--certificates", &config->certificates,
              {"the folder by which peers know this process: jalon cert issue",
               "le dossier auquel les pairs reconnaissent ce processus : jalon cert issue"});
}

// What guards the keys, where this process has them.
void DescribeKeys(Options& options, Config* config) {
  options.Add(
      "--root-key", &config->root_key,
      {"the file of the root key (DATA/root.key)", "le fichier de la clé racine (DATA/root.key)"});
  options.Add(
      "--key-backup", &config->key_backup,
      {"a folder that is there, to which the keys are copied before an erasure is complete; "
       "without a copy that verifies none is",
       "un dossier qui existe, où les clés sont copiées avant qu'une destruction soit "
       "complète; sans copie vérifiée, aucune ne l'est"});
  options
      .Add("--standby", &config->standby,
           {"of a vault: address and port of its standby, which has each key before it is given "
            "out",
            "d'un coffre : adresse et port de sa réserve, qui a chaque clé avant qu'elle soit "
            "donnée"})
      ->check(options.Address());
  options.Add("--standby-name", &config->standby_name,
              {"with --standby: the name in the standby's certificate; no other vault is taken "
               "for it",
               "avec --standby : le nom dans le certificat de la réserve; aucun autre coffre "
               "n'est pris pour elle"});
  options.Add("--standby-of", &config->standby_of,
              {"be the standby of the vault of that name (in its certificate)",
               "être la réserve du coffre de ce nom (dans son certificat)"});
}

void DescribeTimes(Options& options, Config* config) {
  options
      .Add("--drain-ms", &config->drain_ms,
           {"what calls get to end when the server does",
            "ce qu'ont les appels pour finir quand le serveur s'arrête"})
      ->check(options.Between(0, kDrainMsMax));
  options
      .Add("--publish-seconds", &config->publish_s,
           {"how often trails are published in the root log",
            "à quel intervalle les registres sont publiés au journal racine"})
      ->check(options.Between(1, kPublishSecondsMax));
}

void DescribeWitnesses(Options& options, Config* config) {
  options
      .Add("--witnesses", &config->witnesses,
           {"a policy (C2SP tlog-policy) of witnesses, whose signatures of the root log are kept",
            "une politique (C2SP tlog-policy) de témoins, dont on garde les signatures du journal "
            "racine"})
      ->check(options.File());
}

void Describe(CLI::App* app, cli::Language language, Config* config, std::string* roles,
              std::string* lang) {
  Options options(app, language);
  options.AddRest();
  const CLI::Validator mebibytes = options.Between(1, kMebibytesMax);
  options.Add("--data", &config->data,
              {"the data folder; made if it is not there",
               "le dossier de données; créé s'il n'existe pas"});
  options.Add("--log", &config->log,
              {"kafka://HOST:PORT,.../PREFIX, made by jalon log init; without it, the embedded log",
               "kafka://HÔTE:PORT,.../PRÉFIXE, fait par jalon log init; sans elle, le journal "
               "intégré"});
  options.AddFlag("--unsafe-single-broker", &config->unsafe_single_broker,
                  {"accept a log on Kafka of which there is one copy: for trying things out",
                   "accepter un journal sur Kafka en un seul exemplaire : pour essayer"});
  DescribePorts(options, config, roles);
  options.Add("--reflection", &config->reflection,
              {"tell clients what services there are", "dire aux clients quels services il y a"});
  options.AddFlag("--virtual-clock", &config->virtual_clock,
                  {"a clock that only an operator moves by days; for a new data folder only",
                   "une horloge que seul l'exploitant avance; pour un nouveau dossier seulement"});
  options
      .Add("--partitions", &config->partitions,
           {"of a new data folder; never changes", "d'un nouveau dossier; ne change jamais"})
      ->check(options.Between(1, kPartitionsMax));
  DescribeKeys(options, config);
  options
      .Add("--token-keys", &config->token_keys,
           {"files of JWK sets whose tokens count beside our own",
            "fichiers de clés JWK dont les jetons comptent, outre les nôtres"})
      ->check(options.File());
  options
      .Add("--transfer-issuers", &config->transfer_issuers,
           {"files of verifier keys, one a line, whose transfers of students count beside our own",
            "fichiers de clés de vérification, une par ligne, dont les transferts d'élèves "
            "comptent, outre les nôtres"})
      ->check(options.File());
  options.Add("--token-issuer", &config->token_issuer,
              {"the iss that tokens must have", "le iss que doivent avoir les jetons"});
  options.Add("--token-audience", &config->token_audience,
              {"the aud that tokens must have", "le aud que doivent avoir les jetons"});
  DescribeTimes(options, config);
  DescribeWitnesses(options, config);
  options
      .Add("--row-cache-mib", &config->row_cache_mib,
           {"memory for the writer's rows, for each partition in use",
            "mémoire pour les rangées de l'écriture, par partition utilisée"})
      ->check(mebibytes);
  options
      .Add("--view-cache-mib", &config->view_cache_mib,
           {"memory for the views' rows", "mémoire pour les rangées des vues"})
      ->check(mebibytes);
  options
      .Add("--rebuild-memory-mib", &config->rebuild_memory_mib,
           {"memory for a rebuild; over it, it is slower",
            "mémoire pour une reconstruction; au-delà, elle est plus lente"})
      ->check(mebibytes);
  options
      .AddFlag("--check-config", &config->check_config,
               {"print what counts, and end", "afficher ce qui compte, et finir"})
      ->configurable(false);
  options
      .Add("--lang", lang,
           {"en or fr: the language of words; else that of LANG",
            "en ou fr : la langue des mots; sinon celle de LANG"})
      ->configurable(false);
}

// CLI11 speaks English only: of what it says, names and values are kept, and what our own checks
// said.
std::string WhatIsWrong(const CLI::App& app, const CLI::ParseError& error, cli::Language language) {
  const auto is = [&error]<typename Kind>(const Kind*) {
    return dynamic_cast<const Kind*>(&error) != nullptr;
  };
  std::string what = error.what();
  const std::string first = what.substr(0, what.find_first_of(" :"));
  if (is(static_cast<CLI::ExtrasError*>(nullptr))) {
    return Say(language, {"not expected here: {}", "inattendu ici : {}"},
               fmt::format("{}", fmt::join(app.remaining(true), " ")));
  }
  if (is(static_cast<CLI::ArgumentMismatch*>(nullptr))) {
    return Say(language, {"{} takes one value", "{} prend une valeur"}, first);
  }
  if (is(static_cast<CLI::FileError*>(nullptr))) {
    return Say(language, {"{}: the file cannot be read", "{} : le fichier ne peut pas être lu"},
               first);
  }
  if (is(static_cast<CLI::ConfigError*>(nullptr))) {
    return Say(language,
               {"the file of --config has something that is no option: {}",
                "le fichier de --config a quelque chose qui n'est pas une option : {}"},
               what.substr(what.find_last_of(' ') + 1));
  }
  if (is(static_cast<CLI::ConversionError*>(nullptr))) {
    const size_t value = std::min(what.size(), what.find(": ") + 2);
    return Say(language, {"not possible: {}", "impossible : {}"}, what.substr(value));
  }
  return what;  // "--partitions: " and what Between or File said
}

// What is wrong with the roles, or does not go with them; empty: nothing.
std::string SetRoles(const std::string& list, cli::Language language, Config* config) {
  const auto roles = list.empty() ? DefaultRoles(!config->vault.empty()) : ParseRoles(list);
  if (!roles) {
    return Say(language,
               {"--roles: {}: some of writer,query,relay,signer,vault, with commas",
                "--roles: {} : certains de writer,query,relay,signer,vault, avec virgules"},
               list);
  }
  config->roles = *roles;
  return WhatDoesNotFit(*config, language);
}

// CLI11 lets its file override the environment; so what the environment says is put before the
// words of the command line, which override it.
std::vector<std::string> WithEnvironment(const CLI::App& app, int argc, char** argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  std::vector<std::string> words;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    const std::string name = "--" + option->get_lnames().front();
    const char* value = std::getenv(VariableOf(*option).c_str());
    const bool is_given = std::ranges::any_of(given, [&](const std::string& word) {
      return word == name || word.starts_with(name + "=");
    });
    if (value != nullptr && *value != '\0' && !is_given) words.push_back(name + "=" + value);
  }
  words.insert(words.end(), given.begin(), given.end());
  return words;
}

}  // namespace

std::expected<Config, Misused> ReadConfig(int argc, char** argv) {
  Config config;
  const cli::Language language = cli::ChosenLanguage({argv + 1, argv + argc});
  CLI::App app(std::string(
      Words("Runs the server: with an embedded log, one data folder, no other server; or on Kafka.",
            "Lance le serveur : avec un journal intégré, un dossier de données et aucun autre "
            "serveur; ou sur Kafka.")
          .In(language)));
  app.name("jalon serve");
  app.option_defaults()->always_capture_default();
  std::string lang;  // was looked at already
  std::string roles;
  Describe(&app, language, &config, &roles, &lang);
  try {
    std::vector<std::string> words = WithEnvironment(app, argc, argv);
    std::ranges::reverse(words);  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(Misused{0, app.help()});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(
        Misused{2, fmt::format("jalon serve: {}\n{}", WhatIsWrong(app, error, language),
                               Say(language, {"Try --help.\n", "Voyez --help.\n"}))});
  }
  if (const std::string wrong = SetRoles(roles, language, &config); !wrong.empty()) {
    return std::unexpected(
        Misused{2, fmt::format("jalon serve: {}\n{}", wrong,
                               Say(language, {"Try --help.\n", "Voyez --help.\n"}))});
  }
  return config;
}

// Only what is given: an address may not be empty.
static std::string PeersToml(const Config& config) {
  std::string text;
  for (const auto& [name, value] :
       {std::pair("vault", &config.vault), std::pair("peer-listen", &config.peer_listen),
        std::pair("peer-address", &config.peer_address),
        std::pair("certificates", &config.certificates),
        std::pair("key-backup", &config.key_backup), std::pair("standby", &config.standby),
        std::pair("standby-name", &config.standby_name),
        std::pair("standby-of", &config.standby_of), std::pair("witnesses", &config.witnesses)}) {
    if (!value->empty()) text += fmt::format("{} = \"{}\"\n", name, *value);
  }
  return text;
}

// A list of files; nothing where there is none.
static std::string FilesToml(std::string_view name, const std::vector<std::string>& files) {
  if (files.empty()) return {};
  std::vector<std::string> quoted;
  quoted.reserve(files.size());
  for (const std::string& file : files) quoted.push_back(fmt::format("\"{}\"", file));
  return fmt::format("{} = [{}]\n", name, fmt::join(quoted, ", "));
}

std::string ToToml(const Config& config) {
  const std::string keys_line = FilesToml("token-keys", config.token_keys) +
                                FilesToml("transfer-issuers", config.transfer_issuers);
  return fmt::format(
      "data = \"{}\"\nlog = \"{}\"\nunsafe-single-broker = {}\nlisten = \"{}\"\nroles = "
      "\"{}\"\n{}reflection = {}\nvirtual-clock = {}\npartitions = {}\n"
      "root-key = \"{}\"\n{}token-issuer = \"{}\"\ntoken-audience = \"{}\"\n"
      "drain-ms = {}\npublish-seconds = {}\nrow-cache-mib = {}\nview-cache-mib = "
      "{}\nrebuild-memory-mib = {}\n",
      config.data, config.log, config.unsafe_single_broker, config.listen, RolesText(config.roles),
      PeersToml(config), config.reflection, config.virtual_clock, config.partitions,
      config.root_key, keys_line, config.token_issuer, config.token_audience, config.drain_ms,
      config.publish_s, config.row_cache_mib, config.view_cache_mib, config.rebuild_memory_mib);
}

}  // namespace jalon::node
