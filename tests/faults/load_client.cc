#include "tests/faults/load_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "deploy/demo/history.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "tests/faults/load.h"

extern char** environ;

namespace jalon::faults {
namespace {

constexpr uint32_t kInFlight = 32;
constexpr int kTriesMax = 200;
constexpr int kSessionsPerSchool = 2;
constexpr useconds_t kSessionRestUs = 5'000;  // between questions: commands need the disk too

std::string ReasonOf(const Error& error) { return error.reason.empty() ? "?" : error.reason; }

class LoadClient {
 public:
  LoadClient(const std::vector<client::Client>& coordinators, const std::string& history)
      : coordinators_(coordinators),
        recorder_(history),
        last_(coordinators.size()),
        pauses_(coordinators.size()) {}

  void Run() {
    Stopper stopper(this);
    std::vector<std::jthread> sessions;
    for (size_t school = 0; school < coordinators_.size(); ++school) {
      for (int i = 0; i < kSessionsPerSchool; ++i) {
        sessions.emplace_back([this, school, name = fmt::format("s{}.{}", school, i)] {
          for (uint64_t turn = 0; !Stopping(); ++turn) Ask(school, name, turn);
        });
      }
    }
    for (uint64_t number = 0; Enter(); ++number) Send(NewRequestId(), number, 0);
    sessions.clear();
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) { return out_ == 0; });
  }

 private:
  // Reads standard input to its end, then tells Run to stop. A line asks for the longest pauses.
  class Stopper {
   public:
    explicit Stopper(LoadClient* load)
        : thread_([load] {
            std::string line;
            char byte;
            while (read(STDIN_FILENO, &byte, 1) > 0) {
              if (byte != '\n') {
                line += byte;
                continue;
              }
              load->TellPauses(line);
              line.clear();
            }
            MutexLock lock(load->mutex_);
            load->stopping_ = true;
            load->changed_.notify_all();
          }) {}

   private:
    std::jthread thread_;
  };

  void TellPauses(const std::string& of) {
    MutexLock lock(mutex_);
    std::string told;
    for (Pause& pause : pauses_) {
      told += fmt::format(" {}", pause.longest.count() / 1000);
      pause.longest = {};
    }
    fmt::print("{}: longest pause of each school in ms:{}\n", of, told);
    std::fflush(stdout);
  }

  bool Stopping() {
    MutexLock lock(mutex_);
    return stopping_;
  }

  bool Enter() {
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) { return out_ < kInFlight || stopping_; });
    if (stopping_) return false;
    ++out_;
    return true;
  }

  void Send(const std::string& id, uint64_t number, int tries) {
    if (tries == 0) {
      MutexLock lock(mutex_);
      recorder_.Sent(ToHex(id));
    }
    const size_t school = SchoolOf(number, coordinators_.size());
    coordinators_[school].CommandLater(
        *CommandOf(number), Header(id),
        [this, id, number, school, tries](const client::Reply& reply) {
          const bool unknown = !reply.ok && IsUnknown(reply.error);
          if (unknown && tries < kTriesMax) return Send(id, number, tries + 1);
          MutexLock lock(mutex_);
          if (reply.ok) {
            const type::v1::Position& position = reply.result.position();
            recorder_.Acked(ToHex(id), position.partition(), position.seq());
            if (position.seq() > last_[school].seq()) last_[school] = position;
            pauses_[school].Answered(clock_.Monotonic());
          } else if (!unknown) {
            recorder_.Refused(ToHex(id), ReasonOf(reply.error));
          }
          --out_;
          changed_.notify_all();
        });
  }

  // Asks once; a question that met no server is forgotten.
  void Ask(size_t school, const std::string& session, uint64_t turn) {
    const std::string name = fmt::format("{}.{}", session, turn);
    type::v1::Position min;
    {
      MutexLock lock(mutex_);
      if (turn % 2 == 0) min = last_[school];
      recorder_.Asked(name, min.seq());
    }
    const Result<SeenPolicy> seen =
        AskPolicy(coordinators_[school], min.seq() > 0 ? &min : nullptr);
    {
      MutexLock lock(mutex_);
      if (seen) {
        recorder_.Read(name, seen->as_of.partition(), seen->as_of.seq(), seen->version);
      } else if (!IsUnknown(seen.error())) {
        recorder_.Refused(name, ReasonOf(seen.error()));
      }
    }
    usleep(kSessionRestUs);
  }

  // Between two acknowledgements of a school.
  struct Pause {
    Micros last{};
    Micros longest{};
    void Answered(Micros now) {
      if (last != Micros{}) longest = std::max(longest, now - last);
      last = now;
    }
  };

  const std::vector<client::Client>& coordinators_;
  const SystemClock clock_;
  Mutex mutex_;
  Condition changed_;
  demo::Recorder recorder_ JALON_GUARDED_BY(mutex_);
  // The last place acknowledged, by school.
  std::vector<type::v1::Position> last_ JALON_GUARDED_BY(mutex_);
  std::vector<Pause> pauses_ JALON_GUARDED_BY(mutex_);
  uint32_t out_ JALON_GUARDED_BY(mutex_) = 0;
  bool stopping_ JALON_GUARDED_BY(mutex_) = false;
};

}  // namespace

void RunLoad(const std::vector<client::Client>& coordinators, const std::string& history) {
  LoadClient(coordinators, history).Run();
}

ClientProcess::ClientProcess(const std::string& program, const std::vector<std::string>& words) {
  int input[2];
  if (pipe2(input, O_CLOEXEC) != 0) std::abort();
  std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  // Not fork: gRPC's threads run already.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ) != 0) {
    std::abort();
  }
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  input_ = input[1];
}

ClientProcess::~ClientProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  Finish();
}

void ClientProcess::TellPauses(const std::string& of) const {
  const std::string line = of + "\n";
  if (write(input_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
}

int ClientProcess::Finish() {
  close(input_);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace jalon::faults
