#include "services/cli/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace jalon::cli {
namespace {

constexpr size_t kWidthMin = 40;  // narrower terminals get lines that they break themselves

std::string_view Sequence(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\033[1m";
    case Style::kDim:
      return "\033[2m";
    case Style::kGood:
      return "\033[32m";
    case Style::kWarning:
      return "\033[33m";
    case Style::kBad:
      return "\033[31m";
  }
  return "";
}

bool WantsColour() {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;  // no-color: any value but empty
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

bool IsWritten(Output& output) {
  errno = 0;
  output.out.flush();
  if (output.out.good()) return true;
  const int why = errno;  // 0: it failed before
  pollfd standard_output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  const bool reader_is_gone =
      poll(&standard_output, 1, 0) == 1 && (standard_output.revents & POLLERR) != 0;
  if (reader_is_gone) return false;
  output.err << output.Say({"jalon: the answer could not be written{}\n",
                            "jalon: la réponse n'a pas pu être écrite{}\n"},
                           why == 0 ? "" : std::string(": ") + std::strerror(why));
  return false;
}

std::string Paint(Style style, std::string_view text, bool colour) {
  if (!colour || style == Style::kPlain || text.empty()) return std::string(text);
  return fmt::format("{}{}\033[0m", Sequence(style), text);
}

Terminal ThisTerminal() {
  Terminal terminal;
  terminal.live_err = isatty(STDERR_FILENO) == 1;
  terminal.colour_err = terminal.live_err && WantsColour();
  if (isatty(STDOUT_FILENO) != 1) return terminal;
  terminal.colour_out = WantsColour();
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kWidthMin) {
    terminal.width = size.ws_col;
  }
  return terminal;
}

}  // namespace jalon::cli
