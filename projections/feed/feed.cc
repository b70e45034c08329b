#include "projections/feed/feed.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/feed/v1/feed_event.pb.h"
#include "projections/feed/contract.h"
#include "projections/feed/published.h"

namespace jalon::projections {
namespace {

using eventstore::EntryFrame;
using feed::v1::FeedEvent;
using log::v1::Record;
using wire::Type;

constexpr size_t kIdHashBytes = 16;
constexpr size_t kTraceBytes = 25;

// What is fixed about an event type.
struct EventKind {
  std::string type;  // "ca.jalon.activity-completed.v1"
  bool leaves = false;
  PublishedFields fields;
};

// "ActivityCompleted" → "activity-completed".
std::string Hyphenated(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !text.empty()) text += '-';
    text += capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

std::map<uint32_t, EventKind> MakeKinds() {
  std::map<uint32_t, EventKind> kinds;
  const google::protobuf::Descriptor& registry = *event::v1::EventBody::descriptor();
  for (int i = 0; i < registry.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *registry.field(i);
    const google::protobuf::Descriptor& message = *field.message_type();
    kinds.emplace(static_cast<uint32_t>(field.number()),
                  EventKind{FeedTypeOf(message), IsPublished(field), PublishedFields(message)});
  }
  return kinds;
}

const EventKind* KindOf(uint32_t type) {
  static const std::map<uint32_t, EventKind> kKinds = MakeKinds();
  const auto found = kKinds.find(type);
  return found == kKinds.end() ? nullptr : &found->second;
}

std::string DayText(uint32_t date) {
  return fmt::format("{:04}-{:02}-{:02}T12:00:00Z", date / 10000, date / 100 % 100, date % 100);
}

std::string TimeText(int64_t micros) {
  const std::chrono::sys_time<Micros> time{Micros(micros)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int{date.year()},
                     unsigned{date.month()}, unsigned{date.day()}, clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

// "00-<trace>-<span>-<flags>" of the 25 bytes that a record keeps; empty for others.
std::string TraceParent(std::string_view trace) {
  if (trace.size() != kTraceBytes) return {};
  return fmt::format("00-{}-{}-{}", ToHex(trace.substr(0, 16)), ToHex(trace.substr(16, 8)),
                     ToHex(trace.substr(24)));
}

std::string_view TraceOf(const EntryFrame& frame) {
  wire::Reader reader(frame.body);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(Record::kTraceFieldNumber, Type::kBytes)) return field.bytes;
  }
  return {};
}

// A field that is left out has its zero value.
void AppendUnlessZero(int field, uint64_t value, std::string* bytes) {
  if (value != 0) wire::AppendNumber(static_cast<uint32_t>(field), value, bytes);
}

// Role and origin leave, the person who acted and whom they acted for do not.
void AppendActor(std::string_view actor, std::string* bytes) {
  uint64_t role = 0;
  uint64_t origin = 0;
  wire::Reader reader(actor);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(log::v1::Actor::kRoleFieldNumber, Type::kVarint)) role = field.number;
    if (field.Is(log::v1::Actor::kOriginFieldNumber, Type::kVarint)) origin = field.number;
  }
  AppendUnlessZero(FeedEvent::kActorRoleFieldNumber, role, bytes);
  AppendUnlessZero(FeedEvent::kOriginFieldNumber, origin, bytes);
}

// An encoded FeedEvent. False if the payload is malformed.
bool EncodeData(const EventView& event, const EventKind& kind, std::string* data) {
  std::string payload;
  if (!kind.fields.Copy(event.payload, &payload)) return false;
  wire::AppendBytes(FeedEvent::kSchoolIdFieldNumber, event.tenant, data);
  AppendUnlessZero(FeedEvent::kAggregateKindFieldNumber, event.aggregate_kind, data);
  wire::AppendBytes(FeedEvent::kAggregateIdFieldNumber, event.aggregate, data);
  if (!event.subject.empty()) {
    wire::AppendBytes(FeedEvent::kSubjectIdFieldNumber, event.subject, data);
  }
  AppendUnlessZero(FeedEvent::kOccurredOnFieldNumber, event.occurred_on, data);
  AppendUnlessZero(FeedEvent::kRecordedAtFieldNumber, static_cast<uint64_t>(event.recorded_at),
                   data);
  AppendActor(event.actor, data);
  std::string body;
  wire::AppendBytes(event.type, payload, &body);
  wire::AppendBytes(FeedEvent::kBodyFieldNumber, body, data);
  return true;
}

}  // namespace

std::string FeedTypeOf(const google::protobuf::Descriptor& event) {
  const std::string& package = event.file()->package();  // "jalon.event.v1"
  return "ca.jalon." + Hyphenated(event.name()) + package.substr(package.rfind('.'));
}

Result<void> ReadFeed(Cursor& cursor, uint64_t began_at, Partition partition, Offset offset,
                      std::string_view bytes, std::vector<FeedRecord>* records) {
  JALON_ASSIGN_OR_RETURN(const std::optional<EntryFrame> frame,
                         CountEntry(cursor, partition, offset, bytes));
  if (!frame || frame->kind != EntryFrame::Kind::kRecord) return {};
  const std::string hash = ToHex(jalon::View(cursor.head.hash).substr(0, kIdHashBytes));
  const std::string recorded = TimeText(frame->recorded_at);
  const std::string trace = TraceParent(TraceOf(*frame));
  const bool whole = ForEachEvent(*frame, offset, [&](const EventView& event) {
    const EventKind* kind = KindOf(event.type);
    if (kind == nullptr) return false;
    if (!kind->leaves) return true;
    const std::string school = ToHex(event.tenant);
    FeedRecord record{
        .id = fmt::format("{}-{}", hash, event.index),
        .source = "/schools/" + school,
        .type = kind->type,
        .time = DayText(event.occurred_on),
        .recordedtime = recorded,
        .sequence = fmt::format("{:010}{:020}{:06}", began_at, event.seq.value, event.index),
        .partitionkey = school,
        .dataschema = DataSchema(),
        .traceparent = trace,
        .data = {}};
    if (!EncodeData(event, *kind, &record.data)) return false;
    records->push_back(std::move(record));
    return true;
  });
  if (!whole) return Stopped(partition, offset, "holds an event that is malformed or unknown");
  return {};
}

std::vector<std::pair<std::string, std::string>> HeadersOf(const FeedRecord& record) {
  std::vector<std::pair<std::string, std::string>> headers = {
      {"ce_specversion", "1.0"},
      {"ce_id", record.id},
      {"ce_source", record.source},
      {"ce_type", record.type},
      {"ce_time", record.time},
      {"ce_recordedtime", record.recordedtime},
      {"ce_sequence", record.sequence},
      {"ce_partitionkey", record.partitionkey},
      {"ce_dataschema", record.dataschema},
      {"content-type", std::string(kFeedContentType)}};
  if (!record.traceparent.empty()) {
    headers.emplace_back("ce_traceparent", record.traceparent);
    headers.emplace_back("traceparent", record.traceparent);  // OpenTelemetry reads this one
  }
  return headers;
}

}  // namespace jalon::projections
