// Ctrl-C while something long goes on: the verb asks whether it came, and ends in its own way.
#pragma once

#include <csignal>

#include "services/cli/exit_code.h"
#include "services/cli/output.h"

namespace jalon::cli {

// While it lives, the first SIGINT or SIGTERM is only noted; the second one ends the process.
// Thread safety: one at a time in a process.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool Came() const;

 private:
  struct sigaction old_int_ = {};
  struct sigaction old_term_ = {};
};

// Says that the verb was interrupted, which is nobody's fault, and what to exit with.
ExitCode Interrupted(Output& output);

}  // namespace jalon::cli
