// The program `jalon-verify`. It links no library of a server: an auditor can read all that it is.
#include <csignal>
#include <iostream>

#include "services/cli/exit_code.h"
#include "services/cli/verify/run.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const jalon::cli::Terminal terminal = jalon::cli::ThisTerminal();
  jalon::cli::Output output{.out = std::cout,
                            .err = std::cerr,
                            .width = terminal.width,
                            .colour_out = terminal.colour_out,
                            .colour_err = terminal.colour_err,
                            .live_err = terminal.live_err};
  const jalon::SystemClock clock;
  const int code = jalon::cli::RunVerify({argv + 1, argv + argc}, clock, output);
  return jalon::cli::IsWritten(output) ? code : static_cast<int>(jalon::cli::ExitCode::kNotWritten);
}
