// A vault that is served over mutual TLS in this process, and the nodes that use it.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_interceptor.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/peer/credentials.h"
#include "eventstore/peer/peer_testing.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/served/remote_vault.h"
#include "eventstore/vault/served/vault_server.h"

namespace jalon::eventstore::testing {

// Counts the calls of one method of the vault.
class CallCounter final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  CallCounter(std::string_view method, std::atomic<int>& calls) : method_(method), calls_(calls) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    if (std::string_view(info->method()).ends_with(method_)) ++calls_;
    return nullptr;  // nothing to do in between
  }

 private:
  const std::string_view method_;
  std::atomic<int>& calls_;
};

class ServedVault {
 public:
  std::function<void(std::string_view step)> at_step = {};

  // Keys in that folder of `folders`, served under that certificate.
  ServedVault(PeerFolders& folders, const Clock& clock, std::string keys = "vault",
              PeerKind kind = PeerKind::kVault)
      : folders_(folders),
        clock_(clock),
        keys_(std::move(keys)),
        credentials_(
            std::move(*PeerCredentials::Load(folders.Issue(kind, "of-" + keys_), SystemClock()))) {
    Serve();
  }
  ~ServedVault() { Stop(); }
  ServedVault(const ServedVault&) = delete;
  ServedVault& operator=(const ServedVault&) = delete;

  void Serve() {
    std::filesystem::create_directories(Folder());
    auto vault = OpenEmbeddedVault({.folder = Folder() + "/keys",
                                    .root_key_path = Folder() + "/root.key",
                                    .witness_path = Folder() + "/keys.witness",
                                    .at_step =
                                        [this](std::string_view step) {
                                          if (at_step) at_step(step);
                                        }},
                                   clock_);
    ASSERT_TRUE(vault) << vault.error().message;
    vault_ = std::move(*vault);
    binding_ = std::move(*DeploymentBinding::Open(Folder() + "/deployment"));
    service_ = VaultServer::Make(*vault_, *binding_, clock_);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port_), credentials_->ForServer(),
                             &port_);
    builder.RegisterService(&service_->service());
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> counters;
    counters.push_back(std::make_unique<CallCounter>("/FindPersonKeys", person_keys_asked_));
    builder.experimental().SetInterceptorCreators(std::move(counters));
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void Stop() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_.reset();
    service_.reset();
    vault_.reset();
  }
  // Another vault, or another copy of this one, at the same address from the next Serve on.
  void UseKeys(const std::string& keys) { keys_ = keys; }
  void UsePort(int port) { port_ = port; }

  std::string Folder() const { return folders_.In(keys_); }
  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  // How many calls came, of however many persons each.
  int person_keys_asked() const { return person_keys_asked_; }
  LocalVault& vault() { return *vault_; }

 private:
  PeerFolders& folders_;
  const Clock& clock_;
  std::string keys_;
  const std::unique_ptr<PeerCredentials> credentials_;
  std::unique_ptr<LocalVault> vault_;
  std::unique_ptr<DeploymentBinding> binding_;
  std::unique_ptr<VaultServer> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::atomic<int> person_keys_asked_ = 0;
};

// What a node says of its vault.
struct VaultNews {
  std::atomic<int> reachable = -1;  // not told yet
  std::atomic<bool> refused = false;
  Error why;  // before `refused`

  void Await(int wanted) {
    for (int now = reachable; now != wanted; now = reachable) reachable.wait(now);
  }
  RemoteVaultOptions Options(const std::string& address, const std::string& witness) {
    return {.address = address,
            .deployment = Bytes(16, 'd'),
            .witness_path = witness,
            .on_refused =
                [this](const Error& error) {
                  why = error;
                  refused = true;
                  refused.notify_all();
                },
            .on_reachable =
                [this](bool now, const std::string&) {
                  reachable = now ? 1 : 0;
                  reachable.notify_all();
                }};
  }
};

}  // namespace jalon::eventstore::testing
