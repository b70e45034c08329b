// Evidence of one entry in a file of its own (C2SP tlog-proof, "NAME.tlog-proof"), and what a
// receipt is made of.
//
//     c2sp.org/tlog-proof@v1
//     extra <base64>                 may be absent; not authenticated, never trusted by itself
//     index 5
//     <base64 hash>                  the inclusion proof, the leaf's sibling first
//     …
//                                    an empty line, then the checkpoint with its signatures
//     audit.example/cfp-nord/trail/1
//     …
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/trail/flaw.h"
#include "eventstore/trail/proof.h"

namespace jalon::trail {

struct TlogProof {
  std::optional<std::string> extra;
  uint64_t index = 0;
  Proof hashes;
  std::string checkpoint;  // the signed note, as it stands

  bool operator==(const TlogProof&) const = default;
};

std::string FormatTlogProof(const TlogProof& proof);
// Refuses whatever FormatTlogProof would not write. Does not look into the checkpoint.
std::expected<TlogProof, Flaw> ParseTlogProof(std::string_view bytes);

// A line of a receipts log: an entry of a trail, by its place and its leaf hash. Its log's tree
// proves that the entry was accepted, without holding it.
//
//     <the trail's origin> <index> <base64 leaf hash>\n
struct ReceiptLine {
  std::string trail;
  uint64_t index = 0;
  Hash leaf{};

  bool operator==(const ReceiptLine&) const = default;
};

std::string FormatReceiptLine(const ReceiptLine& line);
std::expected<ReceiptLine, Flaw> ParseReceiptLine(std::string_view line);

}  // namespace jalon::trail
