// What a process does of the whole: `jalon serve --roles=writer,query`.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "services/cli/words.h"

namespace jalon::node {

struct Config;

enum class Role : uint8_t { kWriter, kQuery, kRelay, kSigner, kVault };

// "writer".
std::string_view WordOf(Role role);
// A list with commas; none if a word is no role, or the list is empty.
std::optional<std::set<Role>> ParseRoles(std::string_view list);
std::string RolesText(const std::set<Role>& roles);

// What a process does that is told nothing: all, but for the vault where another process is it.
std::set<Role> DefaultRoles(bool vault_elsewhere);

// What does not go together, in words; empty: nothing.
std::string WhatDoesNotFit(const Config& config, cli::Language language);

}  // namespace jalon::node
