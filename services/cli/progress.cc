#include "services/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/cli/text.h"

namespace jalon::cli {
namespace {

constexpr size_t kWidthElse = 80;
constexpr size_t kBarMax = 40;
constexpr size_t kBarMin = 10;

}  // namespace

std::string ProgressLine(const std::string& what, uint64_t done, uint64_t total,
                         uint64_t elapsed_ms, size_t width, Language language) {
  const uint64_t whole = std::max<uint64_t>(total, 1);
  const uint64_t part = std::min(done, whole);
  const uint64_t rate = elapsed_ms == 0 ? 0 : done * 1000 / elapsed_ms;
  const uint64_t seconds = elapsed_ms / 1000;
  const std::string figures =
      fmt::format("{:3} %  {} / {}  {}/s  {}:{:02}", total == 0 ? 100 : part * 100 / whole,
                  CountText(done, language), CountText(total, language), CountText(rate, language),
                  seconds / 60, seconds % 60);
  const size_t taken = DisplayWidth(what) + DisplayWidth(figures) + 6;  // gaps and brackets
  const size_t room = width > taken ? width - taken : 0;
  const size_t bar = std::min(room, kBarMax);
  if (bar < kBarMin) return what + "  " + figures;
  const size_t filled = total == 0 ? bar : static_cast<size_t>(part * bar / whole);
  return fmt::format("{}  [{}{}]  {}", what, std::string(filled, '#'),
                     std::string(bar - filled, ' '), figures);
}

void ProgressBar::Show(const std::string& what, uint64_t done, uint64_t total,
                       uint64_t elapsed_ms) {
  if (!output_.live_err) return;
  const size_t width = output_.width > 0 ? output_.width : kWidthElse;
  output_.err << "\r\033[K"
              << ProgressLine(what, done, total, elapsed_ms, width - 1, output_.language)
              << std::flush;
  drawn_ = true;
}

ProgressBar::~ProgressBar() {
  if (drawn_) output_.err << "\r\033[K" << std::flush;
}

}  // namespace jalon::cli
