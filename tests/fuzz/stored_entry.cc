// Entries of the log, and events of a trail, read in place: what protobuf makes of the same bytes
// must agree.
#include "eventstore/log/classify.h"
#include "eventstore/log/record.h"
#include "eventstore/trail/entry.h"
#include "jalon/log/v1/log.pb.h"
#include "proto/example_testing.h"
#include "tests/fuzz/fuzz.h"

namespace jalon::fuzz {
namespace {

using eventstore::EntryFrame;

void ReadEntry(std::string_view input) {
  const auto frame = eventstore::ReadFrame(input);
  if (!frame) return;
  eventstore::ChainHead head;
  eventstore::Classify(head, Offset{0}, *frame, input);
  log::v1::Record record;
  if (frame->kind != EntryFrame::Kind::kRecord ||
      !record.ParseFromArray(frame->body.data(), static_cast<int>(frame->body.size()))) {
    return;
  }
  JALON_CHECK(record.seq() == frame->seq.value);
  JALON_CHECK(record.epoch() == frame->epoch.value);
  JALON_CHECK(record.prev_hash() == frame->prev_hash);
  JALON_CHECK(record.recorded_at() == frame->recorded_at);
}

void ReadTrailEvent(std::string_view input) {
  const auto place = trail::PlaceOf(input);
  log::v1::Event event;
  if (!place || !event.ParseFromArray(input.data(), static_cast<int>(input.size()))) return;
  JALON_CHECK(event.has_trail());
  JALON_CHECK(event.tenant() == place->tenant);
  JALON_CHECK(event.trail().key() == place->key);
  JALON_CHECK(event.trail().index() == place->index);
  JALON_CHECK(event.trail().recorded_at() == place->recorded_at);
}

}  // namespace

void Run(std::string_view input) {
  ReadEntry(input);
  ReadTrailEvent(input);
}

std::vector<std::string> Seeds() {
  log::v1::Genesis genesis;
  log::v1::Claim claim;
  log::v1::Record record;
  log::v1::Event event;
  FillExample(0, &genesis);
  FillExample(0, &claim);
  FillExample(0, &record);
  FillExample(0, &event);
  return {*eventstore::EncodeGenesis(genesis), *eventstore::EncodeClaim(claim),
          *eventstore::EncodeRecord(record), event.SerializeAsString()};
}

}  // namespace jalon::fuzz
