#include "services/node/log_sign.h"

#include <string_view>
#include <utility>

#include "services/node/json_log.h"

namespace jalon::node {
namespace {

struct Said {
  std::string_view away, back;
};

Said WordsOf(LogSign::Of what) {
  if (what == LogSign::Of::kHeartbeats) {
    return {"other nodes cannot be heard for now", "other nodes are heard again"};
  }
  return {"the log's brokers are away: what they lead takes no commands until they are back",
          "the log's brokers are there again"};
}

}  // namespace

void LogSign::Set(Of what, const std::optional<Error>& trouble) {
  MutexLock lock(mutex_);
  if (trouble.has_value() == troubles_.contains(what)) return;
  if (trouble) {
    LogError(WordsOf(what).away, *trouble);
    troubles_.emplace(what, *trouble);
  } else {
    Log(Level::kInfo, WordsOf(what).back);
    troubles_.erase(what);
  }
  if (tell_ && what == Of::kBrokers) tell_(!trouble);
}

std::optional<Error> LogSign::Trouble() {
  MutexLock lock(mutex_);
  if (troubles_.empty()) return std::nullopt;
  return troubles_.begin()->second;
}

void LogSign::Attach(std::function<void(bool)> tell) {
  MutexLock lock(mutex_);
  tell_ = std::move(tell);
  tell_(!troubles_.contains(Of::kBrokers));
}

void LogSign::Detach() {
  MutexLock lock(mutex_);
  tell_ = nullptr;
}

}  // namespace jalon::node
