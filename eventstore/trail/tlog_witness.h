// What a witness is sent (C2SP tlog-witness, POST add-checkpoint): that a log goes on from what it
// was at a size. Also the file "root.consistency" of an export, for whoever kept a checkpoint of
// that size.
//
//     old 20
//     <base64 hash>                  the consistency proof of RFC 6962, 63 at most
//     …
//                                    an empty line, then the checkpoint with its signatures
//     audit.example/cfp-nord/trail/1
//     …
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "eventstore/trail/flaw.h"
#include "eventstore/trail/proof.h"

namespace jalon::trail {

// As the format has it: no log has so many entries that more were needed.
inline constexpr size_t kConsistencyHashesMax = 63;

struct AddCheckpoint {
  uint64_t old_size = 0;
  Proof hashes;
  std::string checkpoint;  // the signed note, as it stands

  bool operator==(const AddCheckpoint&) const = default;
};

std::string FormatAddCheckpoint(const AddCheckpoint& request);
// Refuses whatever FormatAddCheckpoint would not write: kConsistencyLines. Does not look into the
// checkpoint.
std::expected<AddCheckpoint, Flaw> ParseAddCheckpoint(std::string_view bytes);

}  // namespace jalon::trail
