// What every application of the domain does with a counted record and with a stored row.
//
// Thread safety: any thread.
#pragma once

#include <memory>
#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/writer/state.h"
#include "jalon/log/v1/log.pb.h"
#include "services/domain/registry.h"

namespace jalon::domain {

// Folds the record's events. DATA_LOSS PARTITION_DIVERGED on one that `events` does not know.
Result<void> EvolveRecord(const Events& events, const log::v1::Record& record,
                          eventstore::StateEdit& edit);

// The row that `bytes` encode under `key`, with the rows of `state` that it refers to. DATA_LOSS
// PARTITION_DIVERGED if they are none.
Result<std::unique_ptr<eventstore::Row>> DecodeStateRow(std::string_view key,
                                                        std::string_view bytes,
                                                        eventstore::StateView& state);

}  // namespace jalon::domain
