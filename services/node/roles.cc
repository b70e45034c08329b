#include "services/node/roles.h"

#include <array>
#include <utility>

#include "services/node/config.h"

namespace jalon::node {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 5> kRoles = {{{Role::kWriter, "writer"},
                                                                      {Role::kQuery, "query"},
                                                                      {Role::kRelay, "relay"},
                                                                      {Role::kSigner, "signer"},
                                                                      {Role::kVault, "vault"}}};

// Any interface, or a port that the system chooses.
bool NamesNoHost(std::string_view address) {
  return address.starts_with("0.0.0.0:") || address.starts_with("[::]:") || address.ends_with(":0");
}

// Of what guards keys.
std::string WhatDoesNotFitItsKeys(const Config& config, cli::Language language) {
  const auto say = [&](const cli::Words& words) { return cli::Say(language, words); };
  const bool only_vault = config.roles == std::set<Role>{Role::kVault};
  if (!config.key_backup.empty() && !config.roles.contains(Role::kVault)) {
    return say({"--key-backup is for the process that has the keys: give it to that one",
                "--key-backup est pour le processus qui a les clés : donnez-la à celui-là"});
  }
  if (!only_vault && !(config.standby.empty() && config.standby_of.empty())) {
    return say(
        {"--standby and --standby-of are for a vault in a process of its own: give "
         "--roles=vault",
         "--standby et --standby-of sont pour un coffre dans un processus à lui : donnez "
         "--roles=vault"});
  }
  if (config.standby.empty() && !config.standby_name.empty()) {
    return say({"--standby-name goes with --standby", "--standby-name va avec --standby"});
  }
  if (!config.standby.empty() && !config.standby_of.empty()) {
    return say({"a vault has a standby or is one: leave --standby or --standby-of out",
                "un coffre a une réserve ou en est une : retirez --standby ou --standby-of"});
  }
  return {};
}

}  // namespace

std::string_view WordOf(Role role) {
  for (const auto& [known, word] : kRoles) {
    if (known == role) return word;
  }
  return "unknown";
}

std::optional<std::set<Role>> ParseRoles(std::string_view list) {
  std::set<Role> roles;
  while (true) {
    const size_t comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    bool known = false;
    for (const auto& [role, name] : kRoles) {
      if (name != word) continue;
      roles.insert(role);
      known = true;
    }
    if (!known) return std::nullopt;
    if (comma == std::string_view::npos) return roles;
    list.remove_prefix(comma + 1);
  }
}

std::string RolesText(const std::set<Role>& roles) {
  std::string text;
  for (const Role role : roles) text += (text.empty() ? "" : ",") + std::string(WordOf(role));
  return text;
}

std::set<Role> DefaultRoles(bool vault_elsewhere) {
  std::set<Role> roles;
  for (const auto& [role, word] : kRoles) {
    if (role != Role::kVault || !vault_elsewhere) roles.insert(role);
  }
  return roles;
}

std::string WhatDoesNotFit(const Config& config, cli::Language language) {
  const auto say = [&](const cli::Words& words) { return cli::Say(language, words); };
  const bool only_vault = config.roles == std::set<Role>{Role::kVault};
  if (config.roles.contains(Role::kVault) && !config.vault.empty()) {
    return say({"--roles has the vault, and --vault names another process as it: leave one out",
                "--roles a le coffre, et --vault nomme un autre processus comme coffre : retirez "
                "l'un des deux"});
  }
  if (!config.roles.contains(Role::kVault) && config.vault.empty()) {
    return say({"without the role vault, --vault says which process has the keys",
                "sans le rôle vault, --vault dit quel processus a les clés"});
  }
  // Every other process answers queries, from views of its own.
  const bool only_signer = config.roles == std::set<Role>{Role::kSigner};
  if (!only_vault && !only_signer && !config.roles.contains(Role::kQuery)) {
    return say(
        {"these roles go with query: give --roles=query,..., --roles=signer or --roles=vault",
         "ces rôles vont avec query : donnez --roles=query,..., --roles=signer ou "
         "--roles=vault"});
  }
  if (!only_vault && !config.roles.contains(Role::kWriter) && config.peer_listen.empty()) {
    return say({"without the role writer, other nodes decide the commands: give --peer-listen",
                "sans le rôle writer, d'autres nœuds décident les commandes : donnez "
                "--peer-listen"});
  }
  if (only_vault && config.peer_listen.empty()) {
    return say({"a vault serves its keys to nodes: it needs --peer-listen",
                "un coffre sert ses clés aux nœuds : il lui faut --peer-listen"});
  }
  if (!only_vault && !config.peer_listen.empty()) {
    if (config.log.empty()) {
      return say(
          {"--peer-listen is for nodes that share a log: give --log kafka://... too",
           "--peer-listen sert aux nœuds d'un même journal : donnez aussi --log kafka://..."});
    }
    if (config.vault.empty()) {
      return say({"nodes that share a log share its keys: --vault says which process has them",
                  "les nœuds d'un même journal en partagent les clés : --vault dit qui les a"});
    }
  }
  if (!only_vault && !config.peer_listen.empty() && config.peer_address.empty() &&
      NamesNoHost(config.peer_listen)) {
    return say({"--peer-listen names no address that others could call: say it with --peer-address",
                "--peer-listen ne nomme aucune adresse que d'autres puissent joindre : dites-la "
                "avec --peer-address"});
  }
  const bool has_peers = only_vault || !config.vault.empty();
  if (has_peers && config.certificates.empty()) {
    return say({"peers know each other by --certificates: jalon cert issue makes them",
                "les pairs se reconnaissent à --certificates : jalon cert issue les fait"});
  }
  if (!has_peers && !config.certificates.empty()) {
    return say({"--certificates is for peers: give --vault or --roles=vault too",
                "--certificates sert entre pairs : donnez aussi --vault ou --roles=vault"});
  }
  if (std::string wrong = WhatDoesNotFitItsKeys(config, language); !wrong.empty()) return wrong;
  if (only_vault && !config.log.empty()) {
    return say(
        {"a vault has no log: leave --log out", "un coffre n'a pas de journal : retirez --log"});
  }
  return {};
}

}  // namespace jalon::node
