// Where answers go, and in what form: tables for people, JSON for programs.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "services/cli/words.h"

namespace jalon::cli {

enum class Form { kTable, kJson };
enum class Style { kPlain, kBold, kDim, kGood, kWarning, kBad };

// Answers go to `out`; what is about them (refusals in words, progress, hints) to `err`, so that an
// answer can be piped on. Borrows both streams.
struct Output {
  std::ostream& out;
  std::ostream& err;
  Language language = Language::kEnglish;
  Form form = Form::kTable;
  size_t width = 0;  // columns of the terminal that `out` is; 0: no terminal, no limit
  bool colour_out = false;
  bool colour_err = false;
  bool live_err = false;  // `err` is a terminal: a progress bar may move

  template <typename... Args>
  std::string Say(const Words& words, const Args&... args) const {
    return cli::Say(language, words, args...);
  }
  bool IsJson() const { return form == Form::kJson; }
};

// What was written to `out`, this process's standard output, is there. Otherwise says why on `err`,
// unless whoever read a pipe has simply gone away.
bool IsWritten(Output& output);

// The text in the style, or as it is where `colour` is false.
std::string Paint(Style style, std::string_view text, bool colour);

// What this process's standard streams are, with NO_COLOR and TERM=dumb heeded.
struct Terminal {
  size_t width = 0;
  bool colour_out = false;
  bool colour_err = false;
  bool live_err = false;
};
Terminal ThisTerminal();

}  // namespace jalon::cli
