#include "services/node/relaying.h"

#include <utility>

#include "eventstore/base/thread_name.h"
#include "services/node/json_log.h"
#include "services/node/kafka_address.h"

namespace jalon::node {
namespace {

// What is on the way at the end is given this long; the next relay repeats the rest.
constexpr std::chrono::seconds kRunDown{2};

}  // namespace

Result<std::unique_ptr<Relaying>> Relaying::Make(const Config& config, DataFolder& folder,
                                                 std::function<void(const Error&)> on_fault) {
  if (folder.embedded_log() != nullptr) return nullptr;
  JALON_ASSIGN_OR_RETURN(const eventstore::KafkaOptions options, KafkaOf(config));
  JALON_ASSIGN_OR_RETURN(auto outlet,
                         eventstore::KafkaOutlet::Open(options, folder.birth().partition_count));
  return std::unique_ptr<Relaying>(new Relaying(std::move(outlet), folder.log(), folder.birth(),
                                                folder.clock(), std::move(on_fault)));
}

Relaying::Relaying(std::unique_ptr<eventstore::KafkaOutlet> outlet, eventstore::Log& log,
                   const eventstore::Birth& birth, const Clock& clock,
                   std::function<void(const Error&)> on_fault)
    : clock_(clock),
      on_fault_(std::move(on_fault)),
      outlet_(std::move(outlet)),
      relay_(log, *outlet_, birth, [bell = bell_] { bell->Ring(); }) {}

Relaying::~Relaying() { Stop(); }

void Relaying::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Relaying::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  bell_->Ring();
  thread_.join();
}

void Relaying::Bell::Ring() {
  {
    MutexLock lock(mutex);
    if (ringing) return;
    ringing = true;
  }
  rung.notify_one();
}

void Relaying::Wait(const std::stop_token& stop) {
  Bell& bell = *bell_;
  MutexLock lock(bell.mutex);
  lock.WaitFor(bell.rung, projections::kRelayTimers,
               [&]() JALON_REQUIRES(bell.mutex) { return bell.ringing || stop.stop_requested(); });
  bell.ringing = false;
}

void Relaying::Run(const std::stop_token& stop) {
  NameThread("relay");
  while (!stop.stop_requested()) {
    const bool more = relay_.Step(clock_.Monotonic());
    Tell(relay_.status());
    if (relay_.status().fault) return on_fault_(*relay_.status().fault);
    if (!more) Wait(stop);
  }
  RunDown();
}

void Relaying::RunDown() {
  const Micros last = clock_.Monotonic() + kRunDown;
  bool more = true;
  while ((more || relay_.status().on_the_way > 0) && clock_.Monotonic() < last) {
    more = relay_.Step(clock_.Monotonic());
    if (!more) Wait({});
  }
  if (const Result<void> kept = relay_.KeepNow(); !kept) {
    Log(Level::kWarning, "the feed's position was not kept: the next relay repeats a little",
        {{"what", kept.error().message}});
  }
}

void Relaying::Tell(const projections::RelayStatus& status) {
  if (status.running && !std::exchange(told_running_, true)) {
    Log(Level::kInfo, "the public feed is told", {{"partitions_resumed", status.resumed}});
  }
  if (status.not_kept.has_value() != told_not_kept_) {
    told_not_kept_ = status.not_kept.has_value();
    Log(told_not_kept_ ? Level::kWarning : Level::kInfo,
        told_not_kept_ ? "the feed's position is not kept" : "the feed's position is kept again",
        {{"what", told_not_kept_ ? status.not_kept->message : ""}});
  }
  if (status.trouble.has_value() == told_trouble_) return;
  told_trouble_ = status.trouble.has_value();
  if (told_trouble_) {
    Log(Level::kWarning, "the public feed waits", {{"what", status.trouble->message}});
  } else {
    Log(Level::kInfo, "the public feed goes on", {{"resets", status.resets}});
  }
}

}  // namespace jalon::node
