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

// Who has seen how much of a log.
struct TailWitness {
  std::string name;  // its file or folder, under the data folder
  uint64_t entries = 0;
};

// The half-written end of a log, behind everything that any witness saw.
struct TailCut {
  uint64_t entries_kept = 0;
  uint64_t bytes_cut = 0;  // at most
  std::string damage;      // what a start refuses
  std::vector<TailWitness> witnesses;
  std::string evidence;  // the folder that keeps the files as they were; empty: nothing was cut
};

// Cuts the half-written end of the log in a data folder that no server has open, if nothing
// acknowledged stands there. With `dry_run` only says what it would cut.
using CutTail = std::function<Result<TailCut>(const std::string& data_folder, bool dry_run)>;

struct Wiring {
  std::vector<Program> programs;
  CutTail cut_tail;  // may be empty: then there is no `log repair`
};

}  // namespace jalon::cli
