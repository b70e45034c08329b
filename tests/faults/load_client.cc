#include "tests/faults/load_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "services/client/request_id.h"
#include "tests/faults/history.h"

extern char** environ;

namespace jalon::faults {
namespace {

constexpr uint32_t kInFlight = 32;
constexpr int kTriesMax = 200;
constexpr uint64_t kCommandsPerPerson = 4;

class LoadClient {
 public:
  LoadClient(const client::Client& client, const std::string& history)
      : client_(client), recorder_(history) {}

  void Run() {
    Stopper stopper(this);
    for (uint64_t number = 0; Enter(); ++number) {
      Send(NewRequestId(), number, 0);
    }
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this] { return out_ == 0; });
  }

 private:
  // Reads standard input to its end, then tells Run to stop.
  class Stopper {
   public:
    explicit Stopper(LoadClient* load)
        : thread_([load] {
            char byte;
            while (read(STDIN_FILENO, &byte, 1) > 0) {
            }
            MutexLock lock(load->mutex_);
            load->stopping_ = true;
            load->changed_.notify_all();
          }) {}

   private:
    std::jthread thread_;
  };

  bool Enter() {
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this] { return out_ < kInFlight || stopping_; });
    if (stopping_) return false;
    ++out_;
    return true;
  }

  void Send(const std::string& id, uint64_t number, int tries) {
    if (tries == 0) {
      MutexLock lock(mutex_);
      recorder_.Sent(ToHex(id));
    }
    client_.CommandLater(
        *CommandOf(number), Header(id), [this, id, number, tries](client::Reply reply) {
          const bool unknown = !reply.ok && (reply.error.code == Code::kUnavailable ||
                                             reply.error.code == Code::kDeadlineExceeded ||
                                             reply.error.code == Code::kCancelled);
          if (unknown && tries < kTriesMax) return Send(id, number, tries + 1);
          MutexLock lock(mutex_);
          if (reply.ok) {
            recorder_.Acked(ToHex(id), reply.result.position().partition(),
                            reply.result.position().seq());
          } else if (!unknown) {
            recorder_.Refused(ToHex(id), reply.error.reason.empty() ? "?" : reply.error.reason);
          }
          --out_;
          changed_.notify_all();
        });
  }

  const client::Client& client_;
  Mutex mutex_;
  Condition changed_;
  Recorder recorder_ JALON_GUARDED_BY(mutex_);
  uint32_t out_ JALON_GUARDED_BY(mutex_) = 0;
  bool stopping_ JALON_GUARDED_BY(mutex_) = false;
};

}  // namespace

client::Client Connect(const std::string& address, const std::string& token) {
  client::Options options;
  options.token = token;
  options.wait_for_server = true;
  return client::Client(address, std::move(options));
}

type::v1::CommandHeader Header(const std::string& request_id) {
  type::v1::CommandHeader header;
  header.set_request_id(request_id);
  return header;
}

std::string NewRequestId() {
  return client::NewRequestId(static_cast<uint64_t>(SystemClock().Wall().count()) / 1000);
}

std::unique_ptr<google::protobuf::Message> CommandOf(uint64_t number) {
  if (number % kCommandsPerPerson == 0) {
    auto grant = std::make_unique<school::v1::GrantAccess>();
    grant->mutable_identity()->mutable_clear()->set_family_name(fmt::format("Roy {}", number));
    grant->mutable_identity()->mutable_clear()->set_given_name("Ada");
    grant->set_role(type::v1::ROLE_TEACHER);
    grant->mutable_scope()->set_whole_school(true);
    return grant;
  }
  auto company = std::make_unique<company::v1::RegisterHostCompany>();
  company->set_name("Garage");
  company->set_site(fmt::format("{}, rue Principale", number));
  return company;
}

void RunLoad(const client::Client& client, const std::string& history) {
  LoadClient(client, history).Run();
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

int ClientProcess::Finish() {
  close(input_);
  int status = 0;
  waitpid(pid_, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace jalon::faults
