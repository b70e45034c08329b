// Evidence files, what witnesses are sent, the lines of receipts logs: one spelling each, and no
// proof of anything else.
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tlog_witness.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/trail_seeds.h"

namespace jalon::fuzz {

void Run(std::string_view input) {
  if (const auto proof = trail::ParseTlogProof(input)) {
    JALON_CHECK(trail::FormatTlogProof(*proof) == input);
  }
  if (const auto request = trail::ParseAddCheckpoint(input)) {
    JALON_CHECK(trail::FormatAddCheckpoint(*request) == input);
  }
  if (const auto line = trail::ParseReceiptLine(input)) {
    JALON_CHECK(trail::FormatReceiptLine(*line) == input);
  }
}

std::vector<std::string> Seeds() {
  const trail::TlogProof proof{.extra = "extra",
                               .index = 5,
                               .hashes = {Hash{1}, Hash{2}, Hash{3}},
                               .checkpoint = ExampleNote()};
  return {
      trail::FormatTlogProof(proof),
      trail::FormatAddCheckpoint(
          {.old_size = 5, .hashes = {Hash{1}, Hash{2}}, .checkpoint = ExampleNote()}),
      trail::FormatReceiptLine({.trail = LogKey().verifier().name, .index = 7, .leaf = Hash{9}})};
}

}  // namespace jalon::fuzz
