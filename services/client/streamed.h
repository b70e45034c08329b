// A call that is answered with a stream, read until it ends or the caller has enough.
#pragma once

#include <grpcpp/client_context.h>

#include <chrono>

#include "services/client/client.h"
#include "services/client/status.h"

namespace jalon::client {

// `open(&context)` begins the call; `step(response)` takes each response, and false ends it, which
// is `ok` too. Of the options, the deadline counts only where `bounded`.
template <typename Response, typename Open, typename Step>
Reply ReadStream(const Options& options, bool bounded, const Open& open, const Step& step) {
  grpc::ClientContext context;
  if (bounded) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(options.deadline_ms));
  }
  context.set_wait_for_ready(options.wait_for_server);
  if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);
  context.AddMetadata("accept-language", options.language);
  const auto stream = open(&context);
  Response response;
  bool ended = false;
  while (stream->Read(&response)) {
    if (ended || step(response)) continue;
    ended = true;
    context.TryCancel();
  }
  Reply reply;
  const grpc::Status status = stream->Finish();
  if (ended) {
    reply.ok = true;
  } else {
    ReadStatus(status, &reply);
  }
  return reply;
}

}  // namespace jalon::client
