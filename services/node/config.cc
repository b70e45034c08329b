#include "services/node/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <sstream>

namespace jalon::node {
namespace {

constexpr uint32_t kPartitionsMax = 4096;
constexpr uint32_t kMebibytesMax = 64 * 1024;

void Describe(CLI::App* app, Config* config) {
  const CLI::Range mebibytes(1U, kMebibytesMax);
  app->set_config("--config", "", "a TOML file with these options, without the dashes");
  app->add_option("--data", config->data, "the data folder; made if it is not there")
      ->envname("JALON_DATA");
  app->add_option("--listen", config->listen, "address and port, on the loopback interface")
      ->envname("JALON_LISTEN");
  app->add_option("--reflection", config->reflection, "tell clients what services there are")
      ->envname("JALON_REFLECTION");
  app->add_flag("--virtual-clock", config->virtual_clock,
                "a clock that only an operator moves by days; for a new data folder only")
      ->envname("JALON_VIRTUAL_CLOCK");
  app->add_option("--partitions", config->partitions, "of a new data folder; never changes")
      ->envname("JALON_PARTITIONS")
      ->check(CLI::Range(1U, kPartitionsMax));
  app->add_option("--root-key", config->root_key, "the file of the root key (DATA/root.key)")
      ->envname("JALON_ROOT_KEY");
  app->add_option("--token-keys", config->token_keys,
                  "files of JWK sets whose tokens count beside our own")
      ->envname("JALON_TOKEN_KEYS")
      ->check(CLI::ExistingFile);
  app->add_option("--token-issuer", config->token_issuer, "the iss that tokens must have")
      ->envname("JALON_TOKEN_ISSUER");
  app->add_option("--token-audience", config->token_audience, "the aud that tokens must have")
      ->envname("JALON_TOKEN_AUDIENCE");
  app->add_option("--drain-ms", config->drain_ms, "what calls get to end when the server does")
      ->envname("JALON_DRAIN_MS");
  app->add_option("--row-cache-mib", config->row_cache_mib,
                  "memory for the writer's rows, for each partition in use")
      ->envname("JALON_ROW_CACHE_MIB")
      ->check(mebibytes);
  app->add_option("--view-cache-mib", config->view_cache_mib, "memory for the views' rows")
      ->envname("JALON_VIEW_CACHE_MIB")
      ->check(mebibytes);
  app->add_option("--rebuild-memory-mib", config->rebuild_memory_mib,
                  "memory for a rebuild; over it, it is slower")
      ->envname("JALON_REBUILD_MEMORY_MIB")
      ->check(mebibytes);
  app->add_flag("--check-config", config->check_config, "print what counts, and end")
      ->configurable(false);
}

}  // namespace

std::expected<Config, Misused> ReadConfig(int argc, char** argv) {
  Config config;
  CLI::App app("Runs the server: an embedded log, one data folder, no other server.");
  app.name("jalon serve");
  app.option_defaults()->always_capture_default();
  Describe(&app, &config);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // help is one too, with exit code 0
    std::ostringstream out;
    const int code = app.exit(error, out, out);
    return std::unexpected(Misused{code == 0 ? 0 : 2, out.str()});
  }
  return config;
}

std::string ToToml(const Config& config) {
  std::vector<std::string> token_keys;
  for (const std::string& file : config.token_keys)
    token_keys.push_back(fmt::format("\"{}\"", file));
  return fmt::format(
      "data = \"{}\"\nlisten = \"{}\"\nreflection = {}\nvirtual-clock = {}\npartitions = {}\n"
      "root-key = \"{}\"\ntoken-keys = [{}]\ntoken-issuer = \"{}\"\ntoken-audience = \"{}\"\n"
      "drain-ms = {}\nrow-cache-mib = {}\nview-cache-mib = {}\nrebuild-memory-mib = {}\n",
      config.data, config.listen, config.reflection, config.virtual_clock, config.partitions,
      config.root_key, fmt::join(token_keys, ", "), config.token_issuer, config.token_audience,
      config.drain_ms, config.row_cache_mib, config.view_cache_mib, config.rebuild_memory_mib);
}

}  // namespace jalon::node
