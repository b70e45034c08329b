// The bytes of a StateCheckpoint. Numbers are little-endian:
//
//     format u8 = 1 ‖ version u32 ‖ epoch u64 ‖ epoch_id(32) ‖ seq u64 ‖ hash(32) ‖ offset u64 ‖
//     level u32 ‖ recorded_at i64 ‖ newest_request_ms u64 ‖ log_incarnation (the rest)
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/writer/state_store.h"

namespace jalon::eventstore {

std::string EncodeCheckpoint(const StateCheckpoint& checkpoint);
// DATA_LOSS INTERNAL if the bytes are none.
Result<StateCheckpoint> DecodeCheckpoint(std::string_view bytes);

}  // namespace jalon::eventstore
