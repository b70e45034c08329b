// What `jalon serve` is told: by its options, else by JALON_* variables, else by a TOML file, else
// the defaults that stand here.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "eventstore/base/limits.h"
#include "projections/views/all_views.h"
#include "services/node/roles.h"

namespace jalon::node {

struct Config {
  std::string data = "jalon-data";
  std::string log;  // kafka://HOST:PORT,…/PREFIX; empty: the embedded one, in the data folder
  bool unsafe_single_broker = false;  // a log on Kafka of which there is one copy
  std::string listen = "127.0.0.1:7411";
  std::set<Role> roles = DefaultRoles(false);
  std::string vault;         // HOST:PORT of the process that has the keys; empty: this one
  std::string peer_listen;   // HOST:PORT for peers, behind mutual TLS; empty: none are served
  std::string peer_address;  // how they reach it; empty: as peer_listen says
  std::string certificates;  // the folder by which peers know this process
  bool reflection = true;
  // Only on a data folder that is made now, or was born so.
  bool virtual_clock = false;
  // Of an embedded log. Fixed at the birth of the data folder; afterwards the folder says it.
  uint32_t partitions = limits::kPartitionsDefault;
  std::string key_backup;    // a folder that each erasure copies the keys to; empty: none
  std::string standby;       // HOST:PORT of a vault's standby; empty: it has none
  std::string standby_name;  // NAME in that one's certificate; empty: any vault's
  std::string standby_of;    // NAME of the vault whose standby this one is; empty: none
  std::string root_key;      // empty: root.key in the data folder
  std::vector<std::string> token_keys;  // files of JWK sets that are trusted beside our own
  // Files of verifier keys, one a line: deployments whose transfers of students count beside ours.
  std::vector<std::string> transfer_issuers;
  std::string token_issuer = "jalon";
  std::string token_audience = "jalon";
  uint32_t drain_ms = 10'000;         // what calls that are out get when the server ends
  uint32_t publish_s = 600;           // how often trails are published in the root log
  std::string witnesses;              // a policy file; empty: nothing that they sign is kept
  uint32_t row_cache_mib = 48;        // decoded rows of the writer, for each partition in use
  uint32_t view_cache_mib = 64;       // decoded rows of the views
  uint32_t rebuild_memory_mib = 256;  // beyond it a rebuild is slower
  bool check_config = false;          // say what counts, and end

  // For tests only: called when a rebuild is ingested, and nothing of it is handed over yet.
  std::function<void()> rebuild_ingested = {};
  // For measurements only: other views than all there are.
  decltype(&projections::MakeAllViews) make_views = projections::MakeAllViews;
};

// The arguments after `serve`. An error holds what to print, and the exit code: 0 for --help.
struct Misused {
  int exit_code = 2;
  std::string text;
};
std::expected<Config, Misused> ReadConfig(int argc, char** argv);

// What counts, as TOML. Holds no secret: keys are files.
std::string ToToml(const Config& config);

}  // namespace jalon::node
