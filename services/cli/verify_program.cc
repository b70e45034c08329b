#include "services/cli/verify_program.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "services/cli/chosen_language.h"
#include "services/cli/exit_code.h"

namespace jalon::cli {

int BecomeVerify(int argc, char** argv) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program = (self.parent_path() / "jalon-verify").string();
  if (!error) execv(program.c_str(), argv);
  const std::string why = error ? error.message() : std::strerror(errno);
  std::cerr << Say(
      ChosenLanguage({argv + 1, argv + argc}),
      {"jalon: {}: {}. Install jalon-verify beside jalon, or run it by itself.\n",
       "jalon : {} : {}. Installez jalon-verify à côté de jalon, ou lancez-le seul.\n"},
      program, why);
  return static_cast<int>(ExitCode::kInternal);
}

}  // namespace jalon::cli
