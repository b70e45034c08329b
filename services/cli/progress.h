// One line that shows how far long work is, on a terminal; elsewhere nothing, so that a log is not
// filled with it.
#pragma once

#include <cstdint>
#include <string>

#include "services/cli/output.h"

namespace jalon::cli {

class ProgressBar {
 public:
  // Borrows the output, and draws on its `err`.
  explicit ProgressBar(Output& output) : output_(output) {}
  // Takes the line away: what came of the work is said elsewhere.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `what` is being done, `done` of `total` so far, for `elapsed_ms`. Draws the line anew.
  void Show(const std::string& what, uint64_t done, uint64_t total, uint64_t elapsed_ms);

 private:
  Output& output_;
  bool drawn_ = false;
};

// The line, for a terminal of `width` columns: "reading the log  [#####     ]  50 %  1,234 / 2,468
// 617/s  0:02".
std::string ProgressLine(const std::string& what, uint64_t done, uint64_t total,
                         uint64_t elapsed_ms, size_t width, Language language);

}  // namespace jalon::cli
