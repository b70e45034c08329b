// The role `relay` of a node on Kafka: the thread that tells the public feed's topic what the log
// counted.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/outlet/kafka/kafka_outlet.h"
#include "projections/feed/relay.h"
#include "services/node/config.h"
#include "services/node/data_folder.h"

namespace jalon::node {

// Thread safety: Start and Stop once, from one thread.
class Relaying {
 public:
  // Null where the log is the embedded one: its feed is watched through gRPC. NOT_FOUND
  // OUTLET_NOT_BORN without the feed's topic. `on_fault` is called from the thread, once at most,
  // if the log is found damaged: that must end the process. The folder must outlive this.
  static Result<std::unique_ptr<Relaying>> Make(const Config& config, DataFolder& folder,
                                                std::function<void(const Error&)> on_fault);
  ~Relaying();

  void Start();
  // Gives what is on the way a moment, keeps how far it is, and ends the thread.
  void Stop();

 private:
  // What the log rings. It may be about to when this goes, so it holds it too.
  struct Bell {
    void Ring();

    Mutex mutex;
    Condition rung;
    bool ringing JALON_GUARDED_BY(mutex) = true;
  };

  Relaying(std::unique_ptr<eventstore::KafkaOutlet> outlet, eventstore::Log& log,
           const eventstore::Birth& birth, const Clock& clock,
           std::function<void(const Error&)> on_fault);
  void Run(const std::stop_token& stop);
  // Until everything was told and has arrived, or the patience is over.
  void RunDown();
  void Wait(const std::stop_token& stop);
  // Says what changed: where it goes on, what is wrong, that it passed.
  void Tell(const projections::RelayStatus& status);

  const Clock& clock_;
  const std::function<void(const Error&)> on_fault_;
  const std::unique_ptr<eventstore::KafkaOutlet> outlet_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  projections::Relay relay_;
  bool told_running_ = false;   // the thread's own
  bool told_trouble_ = false;   // the thread's own
  bool told_not_kept_ = false;  // the thread's own
  std::jthread thread_;         // last: it uses everything above
};

}  // namespace jalon::node
