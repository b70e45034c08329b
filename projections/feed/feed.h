// The public feed as a pure function: a counted record → one CloudEvent per event, pseudonymous.
//
//   id            32 hex digits of the record's hash ‖ "-" ‖ the event's index: for ever the same
//   source        /schools/<school id>
//   type          ca.jalon.activity-completed.v1
//   time          noon in UTC of the local day on which it happened: the same day here and there
//   recordedtime  when it was recorded, to the microsecond
//   sequence      36 digits, greater with each event of a source, in a restored log too: 10 of the
//                 second at which this life of the log began, 20 of the record's seq, 6 of the
//                 event's index
//   partitionkey  <school id>
//   dataschema    /schemas/jalon.events.v1?d=<8 hex digits: the edition of the contract>
//   traceparent   of the command, where it had one
//   data          an encoded jalon.feed.v1.FeedEvent
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/engine/cursor.h"

namespace google::protobuf {
class Descriptor;
}

namespace jalon::projections {

inline constexpr std::string_view kFeedContentType = "application/protobuf";

// Attributes and data of one CloudEvent.
struct FeedRecord {
  std::string id;
  std::string source;
  std::string type;
  std::string time;
  std::string recordedtime;
  std::string sequence;
  std::string partitionkey;
  std::string dataschema;
  std::string traceparent;  // empty: none
  std::string data;
};

// "ca.jalon.activity-completed.v1" of jalon.event.v1.ActivityCompleted.
std::string FeedTypeOf(const google::protobuf::Descriptor& event);

// Takes `cursor` over the entry, and appends what its events publish. `began_at` is that of the
// log's birth. Errors as CountEntry; PARTITION_DIVERGED also for an event that is unknown at its
// level: what is not known cannot be told apart from what must not leave.
// REQUIRES: entries are passed in order, from cursor.Next() on.
Result<void> ReadFeed(Cursor& cursor, uint64_t began_at, Partition partition, Offset offset,
                      std::string_view bytes, std::vector<FeedRecord>* records);

// The headers of CloudEvents' binary mode on Kafka.
std::vector<std::pair<std::string, std::string>> HeadersOf(const FeedRecord& record);

}  // namespace jalon::projections
