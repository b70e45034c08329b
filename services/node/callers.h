// Who calls this node: the tokens that count here, and the access log that says what callers did.
#pragma once

#include <functional>
#include <memory>

#include "eventstore/base/clock.h"
#include "services/access/access_log.h"
#include "services/node/config.h"
#include "services/node/data_folder.h"
#include "services/token/cache.h"
#include "services/token/verifier.h"

namespace jalon::node {

// Thread safety: Start and Stop once, from one thread; the rest from any.
class Callers {
 public:
  // Makes the key that `jalon token issue` signs with, and the access log, if they are not there.
  // `real_clock` must outlive this. ACCESS_LOG_BROKEN: the access log is not what was synced.
  static Result<std::unique_ptr<Callers>> Open(const Config& config, const DataFolder& folder,
                                               const Clock& real_clock);

  void Start() { access_->Start(); }
  // Whoever waits for the access log has its answer; who asks later is refused.
  void Stop() { access_->Stop(); }

  token::Cache& tokens() { return *tokens_; }
  access::AccessLog& access() { return *access_; }

 private:
  Callers() = default;

  std::unique_ptr<access::AccessLog> access_;
  std::unique_ptr<token::Verifier> verifier_;
  std::unique_ptr<token::Cache> tokens_;
};

}  // namespace jalon::node
