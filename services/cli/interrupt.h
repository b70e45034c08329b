// Ctrl-C while something long goes on: the verb asks whether it came, and ends in its own way.
#pragma once

#include <csignal>

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

}  // namespace jalon::cli
