#include "projections/engine/cursor.h"

#include <fmt/format.h>

#include "eventstore/base/wire.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::projections {
namespace {

using eventstore::EntryFrame;
using eventstore::Fate;
using log::v1::Event;
using log::v1::Genesis;
using log::v1::Record;
using wire::Type;

std::unexpected<Error> Stopped(Partition partition, Offset offset, std::string_view what) {
  return Fail(Code::kDataLoss, "PARTITION_DIVERGED",
              fmt::format("partition {}: the entry at offset {} {}; views stop there: run 'jalon "
                          "log verify', and restore the log from a backup",
                          partition.value, offset.value, what));
}

std::unexpected<Error> TooNew(Partition partition, Offset offset) {
  return Fail(Code::kFailedPrecondition, "UNSUPPORTED",
              fmt::format("partition {}: the entry at offset {} was written for a newer version: "
                          "upgrade this node",
                          partition.value, offset.value));
}

// Reads the envelope in place. `event` comes with what its record says. False if it is malformed.
bool ReadEvent(std::string_view bytes, EventView* event) {
  wire::Reader reader(bytes);
  for (wire::Field field; reader.Next(&field);) {
    switch (field.id) {
      case Event::kTenantFieldNumber:
        event->tenant = field.bytes;
        break;
      case Event::kTypeFieldNumber:
        event->type = field.U32();
        break;
      case Event::kAggregateKindFieldNumber:
        event->aggregate_kind = field.U32();
        break;
      case Event::kAggregateFieldNumber:
        event->aggregate = field.bytes;
        break;
      case Event::kVersionFieldNumber:
        event->version = field.number;
        break;
      case Event::kSubjectFieldNumber:
        event->subject = field.bytes;
        break;
      case Event::kOccurredOnFieldNumber:
        event->occurred_on = field.U32();
        break;
      case Event::kActorFieldNumber:
        event->actor = field.bytes;
        break;
      case Event::kPayloadFieldNumber:
        event->payload = field.bytes;
        break;
      default:
        break;
    }
  }
  return reader.ok() && !event->tenant.empty();
}

// Folds the events of the record. False if one is malformed or unknown.
bool FoldRecord(const EntryFrame& frame, const ViewSet& views, std::span<ViewRows* const> rows,
                uint32_t* events) {
  std::string_view actor;  // stands before the events
  wire::Reader reader(frame.body);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(Record::kActorFieldNumber, Type::kBytes)) {
      if (*events != 0) return false;
      actor = field.bytes;
    } else if (field.Is(Record::kEventsFieldNumber, Type::kBytes)) {
      EventView event{.seq = frame.seq,
                      .index = (*events)++,
                      .recorded_at = frame.recorded_at,
                      .tenant = {},
                      .aggregate = {},
                      .subject = {},
                      .actor = actor,
                      .payload = {}};
      if (!ReadEvent(field.bytes, &event) || !views.Knows(event.type)) return false;
      for (const uint16_t view : views.Wanting(event.type)) {
        if (rows[view] != nullptr) views[view].Fold(event, *rows[view]);
      }
    }
  }
  return reader.ok();
}

bool ReadIncarnation(std::string_view genesis, Bytes* incarnation) {
  wire::Reader reader(genesis);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(Genesis::kLogIncarnationFieldNumber, Type::kBytes)) *incarnation = field.bytes;
  }
  return reader.ok();
}

}  // namespace

Result<Step> FoldEntry(Cursor& cursor, Partition partition, Offset offset, std::string_view bytes,
                       const ViewSet& views, std::span<ViewRows* const> rows) {
  JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(bytes));
  Step step;
  switch (eventstore::Classify(cursor.head, offset, frame, bytes)) {
    case Fate::kVoid:
      return step;
    case Fate::kDiverged:
      return Stopped(partition, offset, "does not follow the one before");
    case Fate::kTooNew:
      return TooNew(partition, offset);
    case Fate::kCounted:
      break;
  }
  step.counted = true;
  if (frame.kind == EntryFrame::Kind::kGenesis) {
    if (!ReadIncarnation(frame.body, &cursor.log_incarnation)) {
      return Stopped(partition, offset, "is a malformed genesis");
    }
  } else if (frame.kind == EntryFrame::Kind::kRecord) {
    cursor.recorded_at = frame.recorded_at;
    if (!FoldRecord(frame, views, rows, &step.events)) {
      return Stopped(partition, offset, "holds an event that is malformed or unknown");
    }
  }
  return step;
}

}  // namespace jalon::projections
