#include "services/api/peer/remote_signer.h"

#include <memory>
#include <utility>

namespace jalon::api {

void RemoteSigner::MakeReceipts(const Bytes& log_incarnation, Partition partition, Seq seq,
                                std::chrono::microseconds patience, Received received) const {
  const auto signer = parts_.hints.Signer();
  if (!signer) return received({});
  const auto asked = std::make_shared<node::v1::MakeReceiptsRequest>();
  asked->mutable_position()->set_log_incarnation(log_incarnation);
  asked->mutable_position()->set_partition(partition.value);
  asked->mutable_position()->set_seq(seq.value);
  parts_.peers.MakeReceipts(
      signer->address, asked, patience,
      [received = std::move(received)](const grpc::Status& status,
                                       node::v1::MakeReceiptsResponse response) {
        if (!status.ok()) return received({});  // the reply says that they are to come
        received({std::make_move_iterator(response.mutable_receipts()->begin()),
                  std::make_move_iterator(response.mutable_receipts()->end())});
      });
}

bool RemoteSigner::AnswerQuery(node::v1::AnswerQueryRequest asked,
                               std::chrono::microseconds patience, Answered answered) const {
  const auto signer = parts_.hints.Signer();
  if (!signer) return false;
  parts_.peers.AnswerQuery(
      signer->address, std::make_shared<node::v1::AnswerQueryRequest>(std::move(asked)), patience,
      [answered = std::move(answered)](const grpc::Status& status,
                                       const node::v1::AnswerQueryResponse& response) {
        answered(status, response.response());
      });
  return true;
}

}  // namespace jalon::api
