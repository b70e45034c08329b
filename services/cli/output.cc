#include "services/cli/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

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
