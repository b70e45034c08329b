// What only the node that signs can do, asked for at another one: the receipts of a record, queries
// that answer with what is signed, and how an export begins. The signer computes all of it from the
// log itself: it is never given a root, and its caller's token is verified there again.
//
// If that node dies, receipts are pending and queries answer SIGNER_ELSEWHERE until another one
// signs: nothing is lost, since every receipt can be asked for later.
//
// Thread safety: every call may come from any thread.
#pragma once

#include <grpcpp/support/status.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "eventstore/base/ids.h"
#include "eventstore/owners/hints.h"
#include "services/api/peer/peers.h"
#include "services/api/queries/receipts.h"

namespace jalon::api {

class RemoteSigner {
 public:
  struct Parts {
    const eventstore::Hints& hints;
    Peers& peers;
  };
  using Received = std::function<void(Receipts::Made)>;
  // The status is the query's; one without details is none of its own: it was not answered.
  using Answered = std::function<void(const grpc::Status&, const std::string& response)>;

  // All must outlive it, and every call in it.
  explicit RemoteSigner(const Parts& parts) : parts_(parts) {}

  // Calls `received` once, with none where nobody signs, or not in time.
  void MakeReceipts(const Bytes& log_incarnation, Partition partition, Seq seq,
                    std::chrono::microseconds patience, Received received) const;
  // False: no other node is known to sign, and `answered` is not called.
  bool AnswerQuery(node::v1::AnswerQueryRequest asked, std::chrono::microseconds patience,
                   Answered answered) const;

 private:
  const Parts parts_;
};

// What a node answers for the others, if it signs.
struct SignerAnswers {
  // From what this node itself signs: they are never asked for further.
  std::function<void(const type::v1::Position&, RemoteSigner::Received)> receipts;
  std::function<void(const node::v1::AnswerQueryRequest&, std::chrono::microseconds patience,
                     RemoteSigner::Answered)>
      query;
};

}  // namespace jalon::api
