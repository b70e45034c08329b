#include "eventstore/writer/request_id.h"

#include "eventstore/base/limits.h"

namespace jalon::eventstore {
namespace {

constexpr size_t kIdBytes = 16;
constexpr size_t kTimeBytes = 6;

Micros TimeOf(std::string_view id) {
  return std::chrono::milliseconds(static_cast<int64_t>(RequestIdMillis(id)));
}

}  // namespace

uint64_t RequestIdMillis(std::string_view id) {
  uint64_t millis = 0;
  for (size_t i = 0; i < kTimeBytes; ++i) millis = millis << 8 | static_cast<uint8_t>(id[i]);
  return millis;
}

Result<void> CheckRequestId(std::string_view id, Micros now) {
  const bool is_v7 = id.size() == kIdBytes && (static_cast<uint8_t>(id[6]) >> 4) == 7 &&
                     (static_cast<uint8_t>(id[8]) >> 6) == 2;
  if (!is_v7) {
    return Fail(Code::kInvalidArgument, "REQUEST_ID_MALFORMED",
                "the request id is not a UUIDv7 of 16 bytes; draw one per command");
  }
  const Micros time = TimeOf(id);
  if (time < now - limits::kRequestIdWindow) {
    return Fail(Code::kFailedPrecondition, "REQUEST_ID_EXPIRED",
                "the request id is older than 7 days and nothing was executed; look up whether the "
                "command was accepted before sending it under a new id");
  }
  if (time > now + limits::kRequestIdAhead) {
    return Fail(Code::kFailedPrecondition, "REQUEST_ID_EXPIRED",
                "the request id is more than 5 minutes ahead and nothing was executed; set the "
                "caller's clock and draw a new id");
  }
  return {};
}

std::string OldestRequestId(Micros now) {
  const Micros oldest = now - limits::kRequestIdWindow;
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(oldest).count();
  std::string bytes(kTimeBytes, '\0');
  uint64_t rest = millis > 0 ? static_cast<uint64_t>(millis) : 0;
  for (size_t i = kTimeBytes; i-- > 0; rest >>= 8) bytes[i] = static_cast<char>(rest & 0xff);
  return bytes;
}

}  // namespace jalon::eventstore
