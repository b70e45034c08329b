// The vault of a node whose keys lie in another process (vault_server.h).
//
// PersonKeys never waits. The others wait for up to kBlockingCallMax (limits.h) where a key is not
// at hand: the door asks for a day's key and a tenant's look-up keys about once a minute, and a
// query for the keys of the persons whose sections it opens, all in a call or a few. No writer and
// no fold asks for one.
//
// Keys are kept in memory for at most kKeysKept. With the vault gone, what is at hand goes on to be
// used until then; everything else is UNAVAILABLE VAULT_UNAVAILABLE, at once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore {

class PeerCredentials;

struct RemoteVaultOptions {
  std::string address;       // HOST:PORT; the vault's certificate must name that host
  Bytes deployment;          // 16 bytes: whose keys (Birth::cluster_id)
  std::string witness_path;  // a file of this node, made at the first contact
  bool in_use = false;       // the log has records: the vault must have made keys before
  // Called when the vault is there but is not the one that this node knows: it must not go on.
  // From a thread of the vault, once.
  std::function<void(const Error&)> on_refused = {};
  // Called when it is away or there again, from a thread that must not be held up.
  std::function<void(bool reachable, const std::string& why)> on_reachable = {};
};

// Asks the vault who it is. One that is not reached within kFirstContactMax is no error: it is
// looked for until it is there. FAILED_PRECONDITION VAULT_IS_ANOTHER (another life than this node
// knows), KEYS_OLDER (an older copy), VAULT_TERM_INVALID (so many promotions it cannot have
// missed), KEYS_MISSING (it has made none, and the log has records);
// VAULT_OF_ANOTHER_DEPLOYMENT; PERMISSION_DENIED PEER_NOT_SERVED, VAULT_NOT_THERE (that process is
// no vault); DATA_LOSS KEYS_WITNESS_DAMAGED. `clock` must outlive the vault, and no call may be
// under way when it is destroyed but those of PersonKeys, which are waited for.
Result<std::unique_ptr<Vault>> OpenRemoteVault(const RemoteVaultOptions& options,
                                               const PeerCredentials& credentials,
                                               const Clock& clock);

}  // namespace jalon::eventstore
