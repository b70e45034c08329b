// What the public port answers, method by method; and what other nodes are answered.
#pragma once

#include <vector>

#include "eventstore/base/result.h"
#include "services/api/door.h"
#include "services/api/method_table.h"
#include "services/api/queries/registry.h"
#include "services/api/query_door.h"
#include "services/api/receipt_desk.h"
#include "services/api/server.h"
#include "services/node/streaming.h"

namespace jalon::node {

// FAILED_PRECONDITION INTERNAL: a query that no function answers. All must outlive what is made.
Result<std::vector<api::Endpoint>> EndpointsOf(const api::MethodTable& methods,
                                               const api::Queries& queries, api::Door& door,
                                               api::QueryDoor& query_door, Streaming& streaming);

// What it answers for nodes that do not sign, once the endpoints are made. All must outlive it.
api::SignerAnswers AnswersOf(api::ReceiptDesk& desk, const api::QueryDoor& query_door,
                             const api::TrailDoor& trail_door);

}  // namespace jalon::node
