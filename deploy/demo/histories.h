// The histories of several clients, each in a file of its own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/demo/history.h"
#include "eventstore/base/mutex.h"
#include "jalon/type/v1/position.pb.h"

namespace jalon::demo {

// Thread safety: any thread.
class Histories {
 public:
  explicit Histories(std::string folder) : folder_(std::move(folder)) {}

  // Whoever shows that token speaks through that client. REQUIRES: before its first command.
  void Assign(const std::string& token, const std::string& client);
  void Sent(const std::string& token, std::string_view request_id);
  void Acked(const std::string& token, std::string_view request_id,
             const type::v1::Position& position);
  void Refused(const std::string& token, std::string_view request_id, std::string_view reason);

  // One of each client that was assigned.
  std::vector<std::string> files() const;

 private:
  Recorder& Of(const std::string& token) JALON_REQUIRES(mutex_);

  const std::string folder_;
  mutable Mutex mutex_;
  std::map<std::string, std::string> clients_ JALON_GUARDED_BY(mutex_);  // by token
  std::map<std::string, std::unique_ptr<Recorder>> recorders_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::demo
