// The connection of a node to its vault: whether the vault is there, and whether it is the right
// one.
//
// It is asked every few seconds who it is. While it is away nobody waits for it: calls fail at
// once, until it is there again, which is noticed within a second or two of its return. What a node
// saw of it last, its life and how often it was written (key_witness.h), is remembered in a file of
// the node; from then on no other vault and no older copy of this one is taken for it.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/served/remote_vault.h"
#include "jalon/vault/v1/vault_service.grpc.pb.h"

namespace jalon::eventstore::served {

void SetDeadline(std::chrono::milliseconds patience, grpc::ClientContext* context);
// Where a node keeps the highest term of a vault that it has seen, beside the witness of its keys.
inline std::string TermFileOf(const std::string& witness_path) { return witness_path + ".term"; }

// Thread safety: every call may come from any thread, but for Start: once, first.
class Link {
 public:
  Link(RemoteVaultOptions options, const std::shared_ptr<grpc::ChannelCredentials>& credentials);
  ~Link();

  // Asks the vault who it is, for up to kFirstContactMax. An error: it is there, and not to be
  // used. Then and later, one that is away is asked again and again.
  Result<void> Start();

  // Before a call: how long it may take, and the term that this node has seen.
  void Prepare(std::chrono::milliseconds patience, grpc::ClientContext* context) const;
  vault::v1::VaultService::Stub& stub() { return *stub_; }
  bool Reachable() const { return reachable_; }
  // What a call fails with while it is away.
  Error Away() const;

  // Whether what a call came to may be used. REQUIRES: the call has ended.
  // `seen_before`: SeenWrites() before it was sent.
  Result<void> Admit(const grpc::ClientContext& context, const grpc::Status& status,
                     const vault::v1::Mark& mark, uint64_t seen_before);
  uint64_t SeenWrites() JALON_EXCLUDES(mutex_);

 private:
  void Watch(const std::stop_token& stop);
  // Asks once. An error: it is not to be used.
  Result<void> Ask(std::chrono::milliseconds patience) JALON_EXCLUDES(mutex_);
  // Answers come in any order: only one to a question that was put after `seen_before` writes were
  // seen must not have fewer.
  Result<void> CheckMark(const std::optional<KeyMark>& stated, uint64_t seen_before)
      JALON_EXCLUDES(mutex_);
  std::optional<KeyMark> Seen() JALON_EXCLUDES(mutex_);
  // False: the answer is of a vault that was replaced, and counts for nothing. The term is kept
  // only of one whose keys may be used: that of any other would bar the vault that is the right
  // one.
  Result<bool> Take(const vault::v1::Mark& mark, uint64_t seen_before) JALON_EXCLUDES(mutex_);
  Result<void> CheckTerm(uint64_t term) JALON_EXCLUDES(mutex_);
  Result<bool> KeepTerm(uint64_t term) JALON_EXCLUDES(mutex_);
  void SetReachable(bool reachable, const std::string& why) JALON_EXCLUDES(mutex_);
  void AskNow() JALON_EXCLUDES(mutex_);
  // Says what changed. The watching thread's, so that it is told in order.
  void Tell() JALON_EXCLUDES(mutex_);
  // It is there, and not to be used: for good.
  void Refuse(const Error& error);

  const RemoteVaultOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<vault::v1::VaultService::Stub> stub_;

  std::atomic<bool> reachable_ = false;
  std::atomic<bool> refused_ = false;
  std::atomic<uint64_t> term_ = 1;  // the highest that was seen; changed under mutex_

  Mutex mutex_;
  Condition wake_;
  std::unique_ptr<KeyWitness> witness_ JALON_GUARDED_BY(mutex_);
  std::optional<KeyMark> seen_ JALON_GUARDED_BY(mutex_);
  std::string why_away_ JALON_GUARDED_BY(mutex_);
  bool ask_now_ JALON_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* asking_ JALON_GUARDED_BY(mutex_) = nullptr;  // to be cancelled at the end
  bool told_reachable_ = false;
  std::jthread watch_;  // last: it uses everything above
};

}  // namespace jalon::eventstore::served
