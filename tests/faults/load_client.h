// A client that loads a server with commands and questions, in a process of its own, and keeps what
// it was told in a history.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "services/client/client.h"

namespace jalon::faults {

// Sends CommandOf(0), CommandOf(1), ... to one school after the other until standard input closes,
// each until it is answered; meanwhile asks each school's policy again and again, in turn after
// what was last acknowledged and after nothing. Records what it is told in the file `history`,
// which already says how the schools were founded. `coordinators`: one of each school.
void RunLoad(const std::vector<client::Client>& coordinators, const std::string& history);

// The school of CommandOf(number).
inline size_t SchoolOf(uint64_t number, size_t schools) { return number % schools; }

// The process of a client. Its standard input is a pipe, which stops it when it is closed. Killed
// by the destructor if nobody waited for its end: without a server it would try for long.
class ClientProcess {
 public:
  ClientProcess(const std::string& program, const std::vector<std::string>& words);
  ~ClientProcess();
  ClientProcess(const ClientProcess&) = delete;
  ClientProcess& operator=(const ClientProcess&) = delete;
  // It tells the longest pause of each school since the last time, on its standard output.
  void TellPauses(const std::string& of) const;
  // Stops it; its exit code.
  int Finish();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
};

}  // namespace jalon::faults
