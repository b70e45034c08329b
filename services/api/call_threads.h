// The threads that operators' calls run on: what one asks may take minutes, and gRPC's own threads
// are those that answer everybody else. (Its synchronous API brings threads of its own, but they
// take part in the polling of every server in the process, and each command would pass through
// them.)
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "services/api/language.h"
#include "services/api/status.h"

namespace jalon::api {

// As ToStatus, but an operator is also told what no caller of the public port may know.
grpc::Status ToOperatorStatus(const Error& error, Language language);

// Thread safety: Run and Answer from any thread.
class CallThreads {
 public:
  static constexpr size_t kCallsMax = 8;  // operators' calls at once

  // False if too many run.
  bool Run(std::function<void()> work) {
    const MutexLock lock(mutex_);
    for (Slot& slot : slots_) {
      if (slot.busy.exchange(true)) continue;
      // The one before is at its end already: this waits for a moment at most.
      slot.thread = std::jthread([&slot, work = std::move(work)] {
        work();
        slot.busy = false;
      });
      return true;
    }
    return false;
  }

  // `ask` gives a Result of the response; request and response live until the reactor is finished.
  template <typename Response, typename Ask>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext& context, Response* response,
                                   Ask ask) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    const bool runs = Run([reactor, response, ask, language = LanguageOf(context)] {
      auto result = ask();
      if (!result) return reactor->Finish(ToOperatorStatus(result.error(), language));
      *response = std::move(*result);
      reactor->Finish(grpc::Status::OK);
    });
    if (!runs) reactor->Finish(TooMany());
    return reactor;
  }

  static grpc::Status TooMany() {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED,
            "too many operators ask at once: try again later"};
  }
  static Language LanguageOf(const grpc::CallbackServerContext& context) {
    const auto found = context.client_metadata().find("accept-language");
    if (found == context.client_metadata().end()) return Language::kEnglish;
    return api::LanguageOf({found->second.data(), found->second.size()});
  }

 private:
  struct Slot {
    std::atomic<bool> busy = false;
    std::jthread thread;
  };

  Mutex mutex_;
  std::array<Slot, kCallsMax> slots_;
};

}  // namespace jalon::api
