#include "services/node/endpoints.h"

#include <utility>

namespace jalon::node {

Result<std::vector<api::Endpoint>> EndpointsOf(const api::MethodTable& methods,
                                               const api::Queries& queries, api::Door& door,
                                               api::QueryDoor& query_door, Streaming& streaming) {
  std::vector<api::Endpoint> endpoints;
  endpoints.reserve(methods.commands.size() + methods.queries.size());
  for (const auto& command : methods.commands) {
    endpoints.push_back({command->path, door.HandlerOf(*command)});
  }
  for (const auto& query : methods.queries) {
    const api::QueryMethod* method = queries.FindByRequest(query->request->GetDescriptor());
    if (method == nullptr) {
      return Fail(Code::kFailedPrecondition, "INTERNAL",
                  "no function answers " + query->path + ": register one in AllQueries");
    }
    endpoints.push_back({query->path, query_door.HandlerOf(*query, *method)});
  }
  for (const auto& stream : methods.streams) {
    endpoints.push_back({stream->path, nullptr, streaming.HandlerOf(*stream, queries)});
  }
  return endpoints;
}

api::SignerAnswers AnswersOf(api::ReceiptDesk& desk, const api::QueryDoor& query_door,
                             const api::TrailDoor& trail_door) {
  return {.receipts =
              [&desk](const type::v1::Position& at, api::RemoteSigner::Received received) {
                desk.AskHere(Partition{at.partition()}, at.log_incarnation(), Seq{at.seq()},
                             std::move(received));
              },
          .query =
              [&query_door, &trail_door](const node::v1::AnswerQueryRequest& asked,
                                         std::chrono::microseconds patience,
                                         const api::RemoteSigner::Answered& answered) {
                if (trail_door.Answers(asked.method())) {
                  return trail_door.Answer(asked, patience, answered);
                }
                query_door.Answer(asked, patience, answered);
              }};
}

}  // namespace jalon::node
