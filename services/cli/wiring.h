// What the command line does through rooms that it may not know; services/node hands it in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "services/cli/words.h"

namespace jalon::cli {

// A command that reads its own arguments, such as `serve`. `run` gets argv[0] = its name, and
// returns the exit code.
struct Program {
  std::string name;
  Words help;
  std::function<int(int argc, char** argv)> run;
};

// What was cut from a log whose end was half written.
struct TailCut {
  uint64_t entries_kept = 0;
  uint64_t bytes_cut = 0;  // at most
  std::string evidence;    // the folder that keeps the files as they were
};

// Cuts the half-written end of the log in a data folder that no server has open, if nothing
// acknowledged stands there.
using CutTail = std::function<Result<TailCut>(const std::string& data_folder)>;

struct Wiring {
  std::vector<Program> programs;
  CutTail cut_tail;  // may be empty: then there is no `log repair`
};

}  // namespace jalon::cli
