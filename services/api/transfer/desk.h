// Where transfers to and from other schools pass: what is told is sealed and signed here, and what
// comes is verified and opened, with keys that never leave.
//
// A school's pair of keys is made of a secret in the vault, under the name of a holder that is no
// person. It is wrapped, kept, copied and rewrapped as persons' keys are; the sweep of keys that no
// event names leaves it.
//
// If the process dies here, nothing happened: a transfer is issued again, and comes again.
// Thread safety: any thread.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/signer/signer.h"
#include "eventstore/signer/signer_claims.h"
#include "eventstore/trail/key.h"
#include "eventstore/vault/vault.h"
#include "services/api/transfer/transfer.h"
#include "services/domain/refusals.h"

namespace jalon::transfer {

// Whose key of the vault a school's transfers are opened with: 8 bytes that no person's id is but
// by chance, once in 2^64.
inline constexpr std::string_view kKeyHolder = "transfer";

// Another school is trusted by its deployment's verifier key.
using Issuers = std::vector<trail::VerifierKey>;

class Desk {
 public:
  struct Parts {
    eventstore::Vault& vault;
    const eventstore::Signer* signer;  // null: this node does not hold the deployment's key
    // As the log says it, on every node: the deployment's key is known by it, and the one before it
    // for as long as that one signs, too. Null: only what `signer` says.
    const eventstore::SignerClaims* claims = nullptr;
    Bytes deployment;  // 16 bytes, of the log's genesis
    Issuers issuers;   // trusted beside the deployment itself
  };

  // All of `parts` must outlive this.
  explicit Desk(Parts parts) : parts_(std::move(parts)) {}

  // The school's key, made on first use. Waits for the vault. UNAVAILABLE VAULT_UNAVAILABLE.
  Result<SchoolKey> KeyOf(const Bytes& school_id) const;
  // What the deployment's transfers are verified with; empty where nobody ever signed.
  std::string IssuerKey() const;

  struct ToIssue {
    person::v1::TransferDocument document = {};  // but for format and id
    std::string receiving_school = {};           // its code, normalised
    std::string_view receiving_key = {};
    uint32_t expires_on = 0;
  };
  struct Issued {
    Bytes transfer_id;
    std::string note;
    std::string file;
  };
  // Seals and signs. UNAVAILABLE SIGNER_ELSEWHERE without a signer, and where another one signs
  // now; INVALID_ARGUMENT FIELD_INVALID for a key that nothing can be sealed to; RESOURCE_EXHAUSTED
  // TOO_LARGE for more than a transfer holds; INTERNAL for what contradicts itself, which no school
  // would take: a fault of what is recorded, or of how it is told here.
  Result<Issued> Issue(ToIssue wanted) const;

  // Verifies and opens what comes for that school. `done` is called once: at once if the key is at
  // hand, otherwise from a thread of the vault. Refused TRANSFER_SIGNATURE_INVALID with its cause,
  // VAULT_UNAVAILABLE.
  using Done =
      std::function<void(std::expected<person::v1::CheckedTransfer, domain::Refusals> opened)>;
  void Open(const Bytes& school_id, person::v1::IssuedTransfer issued, Done done) const;

 private:
  // The deployment's own keys as they are now, the one that signs first.
  Issuers OwnKeys() const;
  Issuers Trusted() const;

  const Parts parts_;
};

}  // namespace jalon::transfer
