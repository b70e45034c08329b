#include "services/cli/interrupt.h"

namespace jalon::cli {
namespace {

// What a signal handler may touch.
volatile std::sig_atomic_t came = 0;

void Note(int) { came = 1; }

}  // namespace

Interrupt::Interrupt() {
  came = 0;
  struct sigaction action = {};
  action.sa_handler = Note;
  action.sa_flags = SA_RESTART | SA_RESETHAND;
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
}

bool Interrupt::Came() const { return came != 0; }

ExitCode Interrupted(Output& output) {
  output.err << output.Say({"Interrupted.\n", "Interrompu.\n"});
  return ExitCode::kInterrupted;
}

}  // namespace jalon::cli
