#include "services/node/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace jalon::node {
namespace {

constexpr uint32_t kPartitionsMax = 4096;
constexpr uint32_t kMebibytesMax = 64 * 1024;

// The environment's name of an option: "--drain-ms" is JALON_DRAIN_MS.
std::string VariableOf(const CLI::Option& option) {
  std::string name = "JALON_" + option.get_lnames().front();
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

void Describe(CLI::App* app, Config* config) {
  const CLI::Range mebibytes(1U, kMebibytesMax);
  app->set_config("--config", "", "a TOML file with these options, without the dashes");
  app->add_option("--data", config->data, "the data folder; made if it is not there");
  app->add_option("--listen", config->listen, "address and port, on the loopback interface");
  app->add_option("--reflection", config->reflection, "tell clients what services there are");
  app->add_flag("--virtual-clock", config->virtual_clock,
                "a clock that only an operator moves by days; for a new data folder only");
  app->add_option("--partitions", config->partitions, "of a new data folder; never changes")
      ->check(CLI::Range(1U, kPartitionsMax));
  app->add_option("--root-key", config->root_key, "the file of the root key (DATA/root.key)");
  app->add_option("--token-keys", config->token_keys,
                  "files of JWK sets whose tokens count beside our own")
      ->check(CLI::ExistingFile);
  app->add_option("--token-issuer", config->token_issuer, "the iss that tokens must have");
  app->add_option("--token-audience", config->token_audience, "the aud that tokens must have");
  app->add_option("--drain-ms", config->drain_ms, "what calls get to end when the server does");
  app->add_option("--row-cache-mib", config->row_cache_mib,
                  "memory for the writer's rows, for each partition in use")
      ->check(mebibytes);
  app->add_option("--view-cache-mib", config->view_cache_mib, "memory for the views' rows")
      ->check(mebibytes);
  app->add_option("--rebuild-memory-mib", config->rebuild_memory_mib,
                  "memory for a rebuild; over it, it is slower")
      ->check(mebibytes);
  app->add_flag("--check-config", config->check_config, "print what counts, and end")
      ->configurable(false);
  app->footer(
      "Each option may also stand in the environment, such as JALON_DATA for --data, or in the\n"
      "file of --config. Options count before the environment, that before the file.");
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
  CLI::App app("Runs the server: an embedded log, one data folder, no other server.");
  app.name("jalon serve");
  app.option_defaults()->always_capture_default();
  Describe(&app, &config);
  try {
    std::vector<std::string> words = WithEnvironment(app, argc, argv);
    std::ranges::reverse(words);  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {  // help is one too, with exit code 0
    std::ostringstream out;
    const int code = app.exit(error, out, out);
    return std::unexpected(Misused{code == 0 ? 0 : 2, out.str()});
  }
  return config;
}

std::string ToToml(const Config& config) {
  std::vector<std::string> token_keys;
  for (const std::string& file : config.token_keys) {
    token_keys.push_back(fmt::format("\"{}\"", file));
  }
  const auto keys_line = token_keys.empty()
                             ? std::string()
                             : fmt::format("token-keys = [{}]\n", fmt::join(token_keys, ", "));
  return fmt::format(
      "data = \"{}\"\nlisten = \"{}\"\nreflection = {}\nvirtual-clock = {}\npartitions = {}\n"
      "root-key = \"{}\"\n{}token-issuer = \"{}\"\ntoken-audience = \"{}\"\n"
      "drain-ms = {}\nrow-cache-mib = {}\nview-cache-mib = {}\nrebuild-memory-mib = {}\n",
      config.data, config.listen, config.reflection, config.virtual_clock, config.partitions,
      config.root_key, keys_line, config.token_issuer, config.token_audience, config.drain_ms,
      config.row_cache_mib, config.view_cache_mib, config.rebuild_memory_mib);
}

}  // namespace jalon::node
