// The way to other nodes: a channel to each, kept while it is used.
//
// Thread safety: every call may come from any thread.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "eventstore/base/mutex.h"
#include "eventstore/base/outstanding.h"
#include "eventstore/base/result.h"
#include "jalon/node/v1/node_service.pb.h"

namespace jalon::api {

// How a call to a peer went.
struct PeerError {
  // Nobody listens there: the node is down, whatever its last heartbeat said.
  bool refused = false;
  std::string message;  // for the operator's log
};

class Peers {
 public:
  // `done` is called once, from one of gRPC's threads.
  using Done = std::function<void(std::expected<node::v1::ForwardResponse, PeerError>)>;

  explicit Peers(std::shared_ptr<grpc::ChannelCredentials> credentials)
      : credentials_(std::move(credentials)) {}
  // Waits for the calls that are out.
  ~Peers() { outstanding_.Wait(); }
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  // The receipts of a record, and a query, by a node that signs.
  void MakeReceipts(const std::string& address,
                    std::shared_ptr<const node::v1::MakeReceiptsRequest> request,
                    std::chrono::microseconds patience,
                    std::function<void(const grpc::Status&, node::v1::MakeReceiptsResponse)> done);
  void AnswerQuery(const std::string& address,
                   std::shared_ptr<const node::v1::AnswerQueryRequest> request,
                   std::chrono::microseconds patience,
                   std::function<void(const grpc::Status&, node::v1::AnswerQueryResponse)> done);

  // An answer that is none may still mean that the command was taken.
  void Forward(const std::string& address, std::shared_ptr<const node::v1::ForwardRequest> request,
               std::chrono::microseconds patience, Done done);

 private:
  template <typename Response>
  using Called = std::function<void(const grpc::Status&, Response)>;
  // Calls it by `method` of the asynchronous stub; `done` from one of gRPC's threads.
  template <typename Request, typename Response, typename Method>
  void Call(const std::string& address, std::shared_ptr<const Request> request,
            std::chrono::microseconds patience, Method method, Called<Response> done);
  std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address);
  // A channel that was refused waits before it connects again; another one does not.
  void Forget(const std::string& address, const grpc::Channel* refused);

  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  Outstanding outstanding_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::api
