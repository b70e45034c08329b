#include "services/api/feed_door.h"

#include <fmt/format.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/log/partition.h"
#include "jalon/feed/v1/feed_service.pb.h"
#include "projections/feed/watch.h"
#include "projections/views/grants.h"
#include "services/api/buffers.h"
#include "services/api/queries/query.h"
#include "services/api/status.h"
#include "services/api/stream_in_turns.h"
#include "services/domain/local_date.h"

namespace jalon::api {

using domain::LocalDate;
using feed::v1::WatchedEvent;
using feed::v1::WatchEventsRequest;
using feed::v1::WatchEventsResponse;
using projections::FeedRecord;
using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

namespace {

// How many times a stream reads on before others have their turn.
constexpr int kReadsPerTurnMax = 16;
// A position is told at the latest after so many reads without an event that is wanted.
constexpr int kReadsUntoldMax = 64;

void Fill(FeedRecord record, WatchedEvent* event) {
  event->set_id(std::move(record.id));
  event->set_source(std::move(record.source));
  event->set_type(std::move(record.type));
  event->set_time(std::move(record.time));
  event->set_recordedtime(std::move(record.recordedtime));
  event->set_sequence(std::move(record.sequence));
  event->set_partitionkey(std::move(record.partitionkey));
  event->set_dataschema(std::move(record.dataschema));
  event->set_traceparent(std::move(record.traceparent));
  event->set_data(std::move(record.data));
}

// The schools that are asked for. NOT_FOUND for one that the credential does not speak for.
Result<std::set<Bytes>> SchoolsOf(const domain::Principal& who, const WatchEventsRequest& request) {
  std::set<Bytes> schools(request.school_ids().begin(), request.school_ids().end());
  if (!request.header().school_id().empty()) schools.insert(request.header().school_id());
  if (schools.empty()) schools.insert(who.school_id);
  if (schools.contains("")) {
    return Fail(Code::kInvalidArgument, "FIELD_REQUIRED",
                "school_ids: the credential spans schools, so say which ones");
  }
  const bool all_own = std::ranges::all_of(schools, [&](const Bytes& school) {
    return who.school_id.empty() || school == who.school_id;
  });
  if (!all_own) return NotFound();
  return schools;
}

}  // namespace

// One stream, in turns; the log and the door only ring for one.
class FeedStream final : public StreamInTurns {
 public:
  FeedStream(FeedDoor& door, token::ClaimsPtr claims, Language language, WatchEventsRequest request)
      : StreamInTurns(door.streams_, door.parts_.run,
                      "the server ends: watch anew from the last position", std::move(claims)),
        door_(door),
        language_(language),
        request_(std::move(request)) {}

 private:
  void BeforeFinish() override { watch_.reset(); }  // nothing of the log rings from here on
  // Its reading of Kafka is shared, and the consumer may take its time.
  void BeforeWrite() override { watch_->Rest(); }

  Outcome Work() override {
    if (const Result<void> may = MayWatch(); !may) return {.finish = StatusOf(may.error())};
    if (watch_ == nullptr) {
      if (const Result<void> opened = Open(); !opened) return {.finish = StatusOf(opened.error())};
    }
    WatchEventsResponse response;
    for (int i = 0; i < kReadsPerTurnMax; ++i) {
      auto batch = watch_->Next();
      if (!batch) return {.finish = StatusOf(batch.error())};
      for (FeedRecord& record : batch->records) Fill(std::move(record), response.add_events());
      untold_ += batch->read ? 1 : 0;
      done_ = batch->done;
      if (response.events_size() > 0 || !batch->read || done_ || untold_ >= kReadsUntoldMax) {
        return Tell(&response, batch->read);
      }
    }
    return {.again = true};
  }

  // Writes what was read, with its position, if that is worth it.
  Outcome Tell(WatchEventsResponse* response, bool read) {
    const bool last = done_ && untold_ > 0;
    if (response->events_size() == 0 && untold_ < kReadsUntoldMax && !last) {
      if (done_) return {.finish = grpc::Status::OK};
      return {.again = read};
    }
    untold_ = 0;
    response->set_position(watch_->Position());
    buffer() = ToBuffer(*response);
    return {.write = true};
  }

  // The token and the grants still hold.
  Result<void> MayWatch() const {
    if (!TokenHolds(door_.parts_.real_clock)) {
      return Fail(Code::kUnauthenticated, "UNAUTHENTICATED",
                  "the token has expired: get another one, and watch anew from the last position");
    }
    return granted_until_ >= Today() ? Result<void>() : NotFound();
  }

  LocalDate Today() const { return domain::LocalDateOf(door_.parts_.clock.Wall()); }

  Result<void> Open() {
    JALON_ASSIGN_OR_RETURN(const std::set<Bytes> schools, SchoolsOf(principal(), request_));
    projections::WatchWish wish{.schools = {},
                                .position = request_.after_position(),
                                .after = {},
                                .until_now = request_.until_now()};
    for (const Bytes& school : schools) {
      const Partition partition = door_.parts_.placement.PartitionOf(school);
      JALON_ASSIGN_OR_RETURN(const LocalDate until, GrantedUntil(school, partition));
      granted_until_ = std::min(granted_until_, until);
      wish.schools.emplace(school, partition);
    }
    for (const auto& after : request_.after()) wish.after[after.school_id()] = after.sequence();
    JALON_ASSIGN_OR_RETURN(watch_, projections::Watch::Open(door_.parts_.log, door_.parts_.birth,
                                                            std::move(wish), [this] { Ring(); }));
    return {};
  }

  // The last day on which the person may read the school's feed. NOT_FOUND without a grant that
  // holds today.
  Result<LocalDate> GrantedUntil(const Bytes& school, Partition partition) const {
    JALON_ASSIGN_OR_RETURN(const auto reader, door_.parts_.views.Read(partition, school));
    const auto key = projections::GrantsKey(projections::PersonId::Of(person_id()));
    JALON_ASSIGN_OR_RETURN(const auto row,
                           reader->Find<projections::GrantsRow>(projections::kGrants, key));
    LocalDate until = 0;
    for (const projections::GrantFacts& grant :
         row ? row->grants : std::vector<projections::GrantFacts>()) {
      if (grant.role != principal().role) continue;
      until = std::max(until, grant.expires_on == 0 ? kForever : grant.expires_on);
    }
    if (person_id().empty() || until < Today()) return NotFound();
    return until;
  }

  grpc::Status StatusOf(const Error& error) const {
    if ((error.code == Code::kDataLoss || error.code == Code::kInternal) && door_.parts_.on_fault) {
      door_.parts_.on_fault(error);
    }
    return ToStatus(error, language_);
  }

  static constexpr LocalDate kForever = 99991231;

  FeedDoor& door_;
  const Language language_;
  const WatchEventsRequest request_;

  // Of the turns: one at a time.
  std::unique_ptr<projections::Watch> watch_;
  LocalDate granted_until_ = kForever;
  int untold_ = 0;  // reads since the last position that was told
  bool done_ = false;
};

RawStreamHandler FeedDoor::HandlerOf(const StreamSpec& spec) {
  return [this, &spec](grpc::CallbackServerContext* context,
                       const grpc::ByteBuffer* body) -> Reactor* {
    Call call;
    WatchEventsRequest request;
    if (const auto refused = ReadStream(*context, *body, parts_.tokens, spec, &call, &request)) {
      return new RefusedStream(*refused);
    }
    const auto stream = std::make_shared<FeedStream>(*this, std::move(call.claims), call.language,
                                                     std::move(request));
    if (!HasRoomFor(stream->person_id(), kFeedStreamsPerPersonMax, streams_) ||
        !streams_.Add(stream)) {
      return new RefusedStream(
          {grpc::StatusCode::RESOURCE_EXHAUSTED,
           fmt::format("too many watch the feed: at most {} streams of one person, {} in all; end "
                       "one, or try again later",
                       kFeedStreamsPerPersonMax, kFeedStreamsMax)});
    }
    stream->Ring();
    return stream.get();
  };
}

}  // namespace jalon::api
