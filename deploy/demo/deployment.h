// What the demonstration runs on: one server with an embedded log, or three nodes and a vault on a
// log on Kafka. The rest of the demonstration does not know which.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "deploy/demo/admin.h"
#include "deploy/demo/cluster.h"
#include "deploy/demo/jalon.h"
#include "eventstore/base/result.h"
#include "services/client/client.h"

namespace jalon::demo {

class Deployment {
 public:
  // `log`: kafka://HOST:PORT/PREFIX; empty: the embedded one. Everything lies under `data`.
  Deployment(std::string program, std::string data, std::string log);

  std::string Title() const;
  // Starts it, born with a virtual clock.
  Result<void> Begin();
  // What a person would have typed for that.
  std::vector<std::string> Commands() const;
  Result<void> Serve(size_t node);

  size_t size() const { return cluster_ == nullptr ? 1 : cluster_->size(); }
  Jalon& node(size_t index) { return cluster_ == nullptr ? *alone_ : cluster_->node(index); }
  Admin& admin(size_t index) { return *admins_[index]; }
  // Clients of any node, and of one.
  client::Client Connect() const;
  client::Client ConnectTo(size_t index);

  // The time of the first node; all are moved together.
  bool AdvanceTo(uint32_t on);
  uint64_t NowMs() const { return admins_.front()->NowMs(); }
  uint32_t today_on() const { return admins_.front()->today_on(); }

  // SIGTERM to each process, one after the other. Whether each ended well.
  bool Stop();

 private:
  const std::string program_;
  const std::string data_;
  std::unique_ptr<Jalon> alone_;
  std::unique_ptr<Cluster> cluster_;
  std::vector<std::unique_ptr<Admin>> admins_;
};

}  // namespace jalon::demo
