#include "deploy/demo/deployment.h"

#include <fmt/format.h>

#include <utility>

namespace jalon::demo {
namespace {

constexpr size_t kNodes = 3;

}  // namespace

Deployment::Deployment(std::string program, std::string data, std::string log)
    : program_(std::move(program)), data_(std::move(data)) {
  if (log.empty()) {
    alone_ = std::make_unique<Jalon>(program_, data_);
  } else {
    cluster_ = std::make_unique<Cluster>(program_, data_, std::move(log));
  }
}

std::string Deployment::Title() const {
  if (alone_ != nullptr) return "A server on one machine: an embedded log, no other server";
  return "Three nodes and a vault that share no folder, on a log on Apache Kafka";
}

Result<void> Deployment::Begin() {
  if (alone_ != nullptr) {
    if (!alone_->Serve({"--virtual-clock"})) {
      return Fail(Code::kInternal, "INTERNAL", "the server did not start");
    }
  } else {
    JALON_RETURN_IF_ERROR(cluster_->Make(kNodes, 0, {"--virtual-clock", "--unsafe-single-broker"}));
    for (size_t i = 0; i < size(); ++i) JALON_RETURN_IF_ERROR(cluster_->Serve(i));
  }
  for (size_t i = 0; i < size(); ++i) {
    admins_.push_back(std::make_unique<Admin>(node(i).admin()));
    if (!admins_.back()->Refresh()) {
      return Fail(Code::kInternal, "INTERNAL",
                  "the operator's socket does not answer: " + admins_.back()->fault());
    }
  }
  return {};
}

std::vector<std::string> Deployment::Commands() const {
  if (alone_ != nullptr) {
    return {fmt::format("jalon serve --data {} --listen {}", data_, alone_->address())};
  }
  return {cluster_->init_command(), cluster_->IssueCommand(0), cluster_->VaultCommand(),
          cluster_->ServeCommand(0)};
}

Result<void> Deployment::Serve(size_t index) {
  if (cluster_ != nullptr) return cluster_->Serve(index);
  if (alone_->Serve()) return {};
  return Fail(Code::kInternal, "INTERNAL", "the server did not start");
}

client::Client Deployment::Connect() const {
  client::Options options;
  options.wait_for_server = true;
  return client::Client(alone_ != nullptr ? alone_->address() : cluster_->target(),
                        std::move(options));
}

client::Client Deployment::ConnectTo(size_t index) { return node(index).Connect(); }

bool Deployment::AdvanceTo(uint32_t on) {
  bool all = true;
  for (const auto& admin : admins_) all = admin->AdvanceTo(on) && all;
  return all;
}

bool Deployment::Stop() {
  bool well = true;
  for (size_t i = 0; i < size(); ++i) well = node(i).Stop() == 0 && well;
  if (cluster_ != nullptr) well = cluster_->vault().Stop() == 0 && well;
  return well;
}

}  // namespace jalon::demo
