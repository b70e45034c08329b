// The command line of `jalon verify`. Read by hand: an auditor's tool links as little as it can.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/cli/exit_code.h"
#include "services/cli/output.h"

namespace jalon::cli {

struct VerifyArguments {
  std::string folder;
  std::vector<std::string> keys;       // verifier keys, or files that hold one
  std::vector<std::string> rotations;  // notes of changes of the key, in their order
  std::vector<std::string> older;
  std::vector<std::string> receipts;
  std::string policy;
  bool published = false;  // a root log must hold it
  std::optional<uint64_t> max_age_hours;
  std::optional<uint64_t> at_s;  // seconds since the Unix epoch; else now
  uint32_t threads = 1;
};

// Sets the output's language and form on the way. What to exit with, once help or what is wrong was
// written.
std::expected<VerifyArguments, ExitCode> ReadVerifyArguments(
    const std::vector<std::string>& arguments, Output& output);

}  // namespace jalon::cli
