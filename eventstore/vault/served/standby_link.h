// A vault's connection to its standby: the mirror in which every change is made first.
//
// In step: the standby has every key. One that is not reached within kStandbyAnswerMax
// (pair_limits.h), or refuses, is gone: from then on every change is refused at once, until it is
// there again and has been given what it misses; keys that are there go on to be opened. It is
// looked for every second. One that an operator detached is told so every second, and never
// waited for: it is not promoted as it is, and if it was, it says so.
//
// A standby that misses anything, or was detached since it was given all keys, is given all: until
// it has them no key is made.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/vault/local_vault.h"
#include "eventstore/vault/mirror.h"
#include "eventstore/vault/served/binding.h"
#include "eventstore/vault/served/standing.h"

namespace jalon::eventstore {

class PeerCredentials;

// Thread safety: every call may come from any thread, but for Start: once, first.
class StandbyLink : public Mirror {
 public:
  struct Parts {
    std::string address;    // HOST:PORT; empty: an attached standby that nobody says how to reach
    std::string name = {};  // in its certificate; empty: that of any other vault
    DeploymentBinding& binding;
    Standing& standing;
    // Called with each change, from a thread that must not be held up; may be empty.
    std::function<void(bool in_step, const std::string& why)> on_state = {};
    // Called where an epoch could not be ended when the standby came back; may be empty.
    std::function<void(const Error&)> on_left = {};
  };
  // All of `parts` must outlive it, and it the vault that it mirrors.
  static std::unique_ptr<StandbyLink> Make(Parts parts, const PeerCredentials& credentials);

  // Begins to look for the standby of `vault`, whose mirror this is.
  virtual void Start(LocalVault& vault) = 0;
  // Looks no more. Before the vault goes.
  virtual void Stop() = 0;
  virtual bool InStep() const = 0;
  // Why it is not; empty: it is, or was detached.
  virtual std::string Trouble() = 0;
  // Goes on without it, and tells it so if it is there. Errors of Standing::Detach.
  virtual Result<void> Detach() = 0;
  // Takes it again: it is given all keys first. Errors of Standing::Reattach.
  virtual Result<void> Reattach() = 0;
};

}  // namespace jalon::eventstore
