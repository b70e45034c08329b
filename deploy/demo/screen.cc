#include "deploy/demo/screen.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace jalon::demo {
namespace {

constexpr uint64_t kBarCells = 40;

}  // namespace

Screen::Screen()
    : terminal_(isatty(STDOUT_FILENO) != 0),
      colour_(terminal_ && std::getenv("NO_COLOR") == nullptr) {}

void Screen::Act(std::string_view title) {
  EndBar();
  fmt::print("\n{}{}. {}{}\n", colour_ ? "\x1b[1m" : "", ++act_, title, colour_ ? "\x1b[0m" : "");
  std::fflush(stdout);
}

void Screen::Line(std::string_view text) const {
  fmt::print("   {}\n", text);
  std::fflush(stdout);
}

void Screen::Bar(std::string_view what, uint64_t done, uint64_t total) {
  if (!terminal_ || total == 0) return;
  const uint64_t cells = kBarCells * done / total;
  fmt::print("\r   [{}{}] {:>3} %  {:<44}", std::string(cells, '#'),
             std::string(kBarCells - cells, ' '), 100 * done / total, what);
  std::fflush(stdout);
  in_bar_ = true;
}

void Screen::EndBar() {
  if (in_bar_) fmt::print("\n");
  in_bar_ = false;
}

void Screen::Claim(bool holds, std::string_view text) {
  EndBar();
  all_hold_ = all_hold_ && holds;
  const char* const colour = !colour_ ? "" : holds ? "\x1b[32m" : "\x1b[31m";
  fmt::print("   {}{}{} {}\n", colour, holds ? "✓" : "✗ NOT TRUE:", colour_ ? "\x1b[0m" : "", text);
  std::fflush(stdout);
}

}  // namespace jalon::demo
