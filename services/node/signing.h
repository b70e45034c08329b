// Who signs the trails: this node, if it holds the deployment's key.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/signer/rocks/signer_folder.h"
#include "eventstore/signer/signer.h"
#include "services/cli/wiring.h"
#include "services/node/claiming.h"
#include "services/node/data_folder.h"
#include "services/node/placements.h"

namespace jalon::node {

// What a node has that may sign: the signer, and the thread that claims for it.
//
// Thread safety: Open, Begin, Start and Stop once, from one thread; the rest from any.
class Signing {
 public:
  struct Parts {
    api::CommandSink& sink;
    const Clock& clock;  // of the log's folder
    // The seat changed.
    std::function<void(eventstore::SignerSeat)> tell;
    std::function<void(const Error&)> on_fault;
  };

  // Alone on its log, a node signs by itself, and makes key and memory where nothing was ever
  // `written` to it and nobody has claimed to sign. On a shared log only one that was given the key
  // does, and others have no signer: another key would be another signer of the same trails, and so
  // a lost one is never replaced here. `only`: the process is for nothing else, so it needs one.
  // The placements must outlive it.
  // Errors: FAILED_PRECONDITION SIGNER_KEY_LOST; SIGNER_KEY_OTHER: the log's last claim is another
  // key's, which does not vouch for this one and of which no operator said that it is lost; those
  // of OpenSignerFolder.
  static Result<std::unique_ptr<Signing>> Open(DataFolder& folder, bool written, bool only,
                                               Placements& placements);
  ~Signing() { Stop(); }

  // Null: this node signs nothing.
  eventstore::Signer* signer() { return signer_.get(); }
  // Remembers that the log is not what was signed of it, and says so in the server's log.
  void OnRefused(const Error& error) const;
  // That it is to sign under.
  uint32_t generation() const { return generation_; }
  // From now on it is to claim, once Start says so: it signs nothing before that counted. A log
  // without a system partition takes no claims, and its one signer needs none.
  void Begin(Parts parts);
  void Start() {
    if (claiming_ != nullptr) claiming_->Start();
  }
  void Stop() {
    if (claiming_ != nullptr) claiming_->Stop();
  }
  // Whether it is this node that signs, as far as is known here.
  bool Signs() const { return signer_ != nullptr && signer_->MaySign(); }
  // Nothing that was claimed is still waited for.
  bool IsSettled() const { return claims_.Seat() != eventstore::SignerSeat::kClaiming; }

 private:
  Signing(Placements& placements, const DataFolder& folder)
      : claims_(placements.claims()),
        system_(placements.placement().System()),
        folder_(folder.Signer()),
        deployment_(folder.birth().cluster_id) {}
  // REQUIRES: there is a signer.
  Result<void> CheckKey(const eventstore::SignerParts& parts) const;
  WantedClaim Wanted() const;
  void OnSeat(eventstore::SignerSeat seat) const;

  eventstore::SignerClaims& claims_;
  const std::optional<Partition> system_;
  const std::string folder_;
  const Bytes deployment_;
  uint32_t generation_ = trail::kFirstGeneration;
  std::vector<std::string> rotations_;
  bool replaces_lost_key_ = false;
  mutable std::atomic_flag is_refused_;
  std::unique_ptr<eventstore::Signer> signer_;
  std::unique_ptr<Claiming> claiming_;  // null: there is nothing to claim, or nowhere
};

// What an operator does to the signer of a data folder: MakeSigner and ForgetSigned, and their
// errors; and RotateKey, RetireKey and OpenNextGeneration, which the next start makes known:
// FAILED_PRECONDITION DATA_IN_USE while a server runs.
Result<void> MakeSignerIn(const std::string& data);
// One whose key replaces that which signed this log and is lost for good.
Result<void> ReplaceSignerIn(const std::string& data);
Result<void> ForgetSignedIn(const std::string& data);
Result<void> RotateKeyIn(const std::string& data);
Result<void> RetireKeyIn(const std::string& data);
Result<void> OpenGenerationIn(const std::string& data);
// Cuts the half-written end that a power cut left of its memory; with `dry_run` only says what it
// would cut. DATA_IN_USE; errors of RepairMemory and LoadSigningKey: then nothing was changed.
Result<cli::StoreCut> RepairMemoryIn(const std::string& data, bool dry_run);

}  // namespace jalon::node
