#include "eventstore/state/checkpoint_codec.h"

#include <cstring>
#include <type_traits>

namespace jalon::eventstore {
namespace {

constexpr uint8_t kFormat = 1;

// Calls `visit` with each field of fixed size, in the order in which they are stored.
template <typename Checkpoint, typename Visit>
void ForEachField(Checkpoint& checkpoint, Visit visit) {
  visit(checkpoint.version);
  visit(checkpoint.head.epoch.value);
  visit(checkpoint.head.epoch_id);
  visit(checkpoint.head.seq.value);
  visit(checkpoint.head.hash);
  visit(checkpoint.head.offset.value);
  visit(checkpoint.head.level);
  visit(checkpoint.recorded_at);
  visit(checkpoint.newest_request_ms);
}

}  // namespace

std::string EncodeCheckpoint(const StateCheckpoint& checkpoint) {
  std::string bytes(1, static_cast<char>(kFormat));
  ForEachField(checkpoint, [&bytes](const auto& field) {
    static_assert(std::is_trivially_copyable_v<std::remove_cvref_t<decltype(field)>>);
    bytes.append(reinterpret_cast<const char*>(&field), sizeof field);
  });
  bytes += checkpoint.log_incarnation;
  return bytes;
}

Result<StateCheckpoint> DecodeCheckpoint(std::string_view bytes) {
  StateCheckpoint checkpoint;
  bool whole = !bytes.empty() && static_cast<uint8_t>(bytes[0]) == kFormat;
  if (whole) bytes.remove_prefix(1);
  ForEachField(checkpoint, [&](auto& field) {
    whole = whole && bytes.size() >= sizeof field;
    if (!whole) return;
    std::memcpy(&field, bytes.data(), sizeof field);
    bytes.remove_prefix(sizeof field);
  });
  if (!whole) {
    return Fail(Code::kDataLoss, "INTERNAL",
                "a checkpoint of the writer's state is damaged; remove state/ to rebuild it");
  }
  checkpoint.log_incarnation = bytes;
  return checkpoint;
}

}  // namespace jalon::eventstore
