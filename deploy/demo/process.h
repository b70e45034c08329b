// Child processes of the demonstration, the benchmarks and the tests: started by exec, stopped by
// their id, never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace jalon::demo {

// What a command that ran to its end came to.
struct Finished {
  int exit_code = -1;  // 128 + signal if a signal ended it
  std::string out;
  std::string err;
};

// Runs a command to its end; `words[0]` is the program's path.
Finished Run(const std::vector<std::string>& words);

// A running server. Killed with SIGKILL by the destructor if it still runs.
class Server {
 public:
  Server() = default;
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts `words`, with standard output and error appended to `log_path`. False if it cannot be
  // started.
  bool Start(const std::vector<std::string>& words, const std::string& log_path);
  bool Running() const;
  pid_t pid() const { return pid_; }

  // SIGKILL, and waits for the end.
  void Kill();
  // SIGTERM, and waits; SIGKILL after `patience`. Returns the exit code, 128 + signal if a signal
  // ended it.
  int Stop(std::chrono::seconds patience = std::chrono::seconds(30));

 private:
  pid_t pid_ = -1;
};

// User and system time that a process has used so far, in seconds; 0 if there is no such process.
double CpuSeconds(pid_t pid);
// Resident memory of a process, in MiB; 0 if there is no such process.
double ResidentMib(pid_t pid);

}  // namespace jalon::demo
