// A vault and its standby in this process, over mutual TLS, for tests: each killed and brought back
// by itself.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/peer/credentials.h"
#include "eventstore/peer/peer_testing.h"
#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/served/standby_link.h"
#include "eventstore/vault/served/standby_server.h"
#include "eventstore/vault/served/vault_server.h"

namespace jalon::eventstore::testing {

inline std::string ReasonOf(const auto& result) {
  return result ? std::string() : result.error().reason;
}

inline Result<KeyFound> TryKey(Vault& vault, const Bytes& person) {
  std::promise<Result<KeyFound>> promise;
  vault.PersonKeys(kSchool, {{person, true}}, [&](const Result<std::vector<KeyFound>>& keys) {
    promise.set_value(keys ? Result<KeyFound>(keys->front()) : std::unexpected(keys.error()));
  });
  return promise.get_future().get();
}

// The vault dies once its standby has made that many changes more, before it makes the last itself.
class DyingMirror final : public Mirror {
 public:
  explicit DyingMirror(Mirror& link) : link_(link) {}

  std::optional<int> lives;  // none: for ever
  std::function<void()> after_change = {};

  // Until what the vault does by itself when its standby is in step is done.
  void AwaitSettled() {
    while (!settled_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const std::lock_guard lock(mutex_);  // and the change is over
  }

  Result<void> Ready() override { return link_.Ready(); }
  Result<void> Write(const KeyMark& after, const Rows& put,
                     const std::vector<std::string>& remove) override {
    return Judge([&] { return link_.Write(after, put, remove); });
  }
  Result<void> Forget(std::string_view first, std::string_view end) override {
    const Result<void> forgot = Judge([&] { return link_.Forget(first, end); });
    if (first.starts_with('d')) settled_ = true;  // the last of it
    return forgot;
  }
  Result<void> KeepEpoch(const std::string& name, std::string_view value) override {
    return Judge([&] { return link_.KeepEpoch(name, value); });
  }
  Result<void> DestroyEpoch(const std::string& name) override {
    return Judge([&] { return link_.DestroyEpoch(name); });
  }

 private:
  Result<void> Judge(const std::function<Result<void>()>& change) {
    const std::lock_guard lock(mutex_);
    const bool dead = lives && *lives <= 0;
    if (!dead) JALON_RETURN_IF_ERROR(change());
    if (after_change) after_change();
    if (lives && --*lives <= 0) return Fail(Code::kUnavailable, "DIED", "the vault died here");
    return {};
  }

  Mirror& link_;
  std::mutex mutex_;
  std::atomic<bool> settled_ = false;
};

// One of the two, with a folder, a port and a certificate of its own.
class VaultHalf {
 public:
  // Something between the vault and its link, such as a death.
  using Wrap = std::function<Mirror&(Mirror& link)>;

  VaultHalf(PeerFolders& folders, const Clock& clock, std::string name,
            PeerKind kind = PeerKind::kVault)
      : folders_(folders),
        clock_(clock),
        name_(std::move(name)),
        credentials_(std::move(*PeerCredentials::Load(folders.Issue(kind, name_), SystemClock()))) {
    std::filesystem::create_directories(Folder());
  }
  ~VaultHalf() { Stop(); }
  VaultHalf(const VaultHalf&) = delete;
  VaultHalf& operator=(const VaultHalf&) = delete;

  std::string Folder() const { return folders_.In("vault-" + name_); }
  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }
  const std::string& name() const { return name_; }
  LocalVault& vault() { return *vault_; }
  Standing& standing() { return *standing_; }
  StandbyLink& link() { return *link_; }
  StandbyServer& standby() { return *standby_; }
  // What a standby must be given by hand.
  void TakeRootKeyOf(const VaultHalf& other) {
    std::filesystem::copy_file(other.Folder() + "/root.key", Folder() + "/root.key");
  }

  // As the vault. `standby`: its address; empty: of none. `standby_name`: whom it wants there.
  void Serve(const std::string& standby = "", const Wrap& wrap = {},
             const std::string& standby_name = "") {
    Begin();
    Mirror* mirror = nullptr;
    if (!standby.empty() || standing_->standby() == Standing::Standby::kAttached) {
      link_ = StandbyLink::Make(
          {.address = standby, .name = standby_name, .binding = *binding_, .standing = *standing_},
          *credentials_);
      mirror = wrap ? &wrap(*link_) : link_.get();
    }
    OpenKeys(mirror, false);
    if (link_ != nullptr) link_->Start(*vault_);
    Listen();
  }
  // As the standby of the vault of that name.
  void StandBy(const std::string& of) {
    Begin();
    ASSERT_TRUE(standing_->BecomeStandby());
    OpenKeys(nullptr, true);
    standby_ = StandbyServer::Make(
        {.vault = *vault_, .binding = *binding_, .standing = *standing_, .of = of});
    Listen();
  }
  // As if it were killed: what was acknowledged is on the disk.
  void Stop() {
    if (link_ != nullptr) link_->Stop();
    if (server_ != nullptr) {
      server_->Shutdown(std::chrono::system_clock::now());
      server_->Wait();
    }
    server_.reset();
    service_.reset();
    standby_.reset();
    vault_.reset();
    link_.reset();
  }
  void AwaitInStep() {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!link_->InStep()) {
      ASSERT_LT(std::chrono::steady_clock::now(), patience) << link_->Trouble();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  // Until the link says that word; false: it does not.
  bool AwaitTrouble(const std::string& word) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (link_->Trouble().find(word) == std::string::npos) {
      if (std::chrono::steady_clock::now() > patience) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return !link_->InStep();
  }
  bool AwaitRole(Standing::Role role) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (standing_->role() != role) {
      if (std::chrono::steady_clock::now() > patience) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }
  void AwaitGone() {
    while (link_->InStep()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

 private:
  void Begin() {
    standing_ = std::move(*Standing::Open(Folder() + "/standing"));
    binding_ = std::move(*DeploymentBinding::Open(Folder() + "/deployment"));
  }
  void OpenKeys(Mirror* mirror, bool standby) {
    auto vault = OpenEmbeddedVault({.folder = Folder() + "/keys",
                                    .root_key_path = Folder() + "/root.key",
                                    .witness_path = Folder() + "/keys.witness",
                                    .mirror = mirror,
                                    .standby = standby},
                                   clock_);
    ASSERT_TRUE(vault) << vault.error().message;
    vault_ = std::move(*vault);
  }
  void Listen() {
    service_ = VaultServer::Make(*vault_, *binding_, clock_, standing_.get());
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port_), credentials_->ForServer(),
                             &port_);
    builder.RegisterService(&service_->service());
    if (standby_ != nullptr) builder.RegisterService(&standby_->service());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }

  PeerFolders& folders_;
  const Clock& clock_;
  const std::string name_;
  const std::unique_ptr<PeerCredentials> credentials_;
  std::unique_ptr<Standing> standing_;
  std::unique_ptr<DeploymentBinding> binding_;
  std::unique_ptr<StandbyLink> link_;
  std::unique_ptr<LocalVault> vault_;
  std::unique_ptr<StandbyServer> standby_;
  std::unique_ptr<VaultServer> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace jalon::eventstore::testing
