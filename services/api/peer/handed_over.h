// A query that another node was asked and handed over to this one, which signs. What the door of
// that node checked is checked here again: a node of the deployment speaks for its callers, and is
// not believed who they are.
//
// Thread safety: one call's own.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/status.h>

#include <expected>
#include <memory>

#include "jalon/node/v1/node_service.pb.h"
#include "services/api/method_table.h"
#include "services/api/queries/frame.h"
#include "services/token/cache.h"

namespace jalon::api {

struct HandedOver {
  google::protobuf::Arena arena;
  Caller caller;
  google::protobuf::Message* request = nullptr;  // of the method's type, in the arena
  std::shared_ptr<void> place = {};              // that it takes, where places are counted

  // The status is the query's, in its caller's language. `plan`: of the request.
  static std::expected<std::shared_ptr<HandedOver>, grpc::Status> Read(
      const node::v1::AnswerQueryRequest& asked, const MethodSpec& spec, const MessagePlan& plan,
      token::Cache& tokens);
};

}  // namespace jalon::api
