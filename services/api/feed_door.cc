#include "services/api/feed_door.h"

#include <fmt/format.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <atomic>
#include <map>
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
#include "services/api/queries/access_note.h"
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
class FeedStream final : public StreamInTurns, public std::enable_shared_from_this<FeedStream> {
 public:
  FeedStream(FeedDoor& door, const StreamSpec& spec, grpc::CallbackServerContext& context,
             const Call& call, WatchEventsRequest request)
      : StreamInTurns({.streams = door.streams_,
                       .run = door.parts_.run,
                       .when_ended = "the server ends: watch anew from the last position",
                       .claims = call.claims,
                       .context = context,
                       .write_max = door.parts_.write_max}),
        door_(door),
        spec_(spec),
        language_(call.language),
        request_(std::move(request)) {}

 private:
  void BeforeFinish() override { watch_.reset(); }  // nothing of the log rings from here on
  // Its reading of Kafka is shared, and the consumer may take its time.
  void BeforeWrite() override { watch_->Rest(); }

  Outcome Work() override {
    if (!asked_views_) {
      asked_views_ = true;
      AwaitGrants();
    }
    if (unseen_ > 0) return {};
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

  // Of the schools that this node has told callers of, the views may not have the last grant yet:
  // rings once they have, or will not soon.
  void AwaitGrants() {
    const OwnWrites* own_writes = door_.parts_.own_writes;
    const auto schools = SchoolsOf(principal(), request_);
    if (own_writes == nullptr || !schools) return;
    const Micros until = door_.parts_.clock.Monotonic() + Micros(kOwnWritesWait);
    unseen_ = 1;  // until all are asked for
    for (const Bytes& school : *schools) {
      const auto told = own_writes->Of(school);
      if (!told) continue;
      ++unseen_;
      door_.parts_.views.Await(told->partition, own_writes->log_incarnation(), told->seq, until,
                               [self = shared_from_this()](const Result<void>&) {
                                 if (--self->unseen_ == 0) self->Ring();
                               });
    }
    --unseen_;
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
    for (const auto& [school, partition] : schools_) {
      const Result<void> granted = IsGranted(school, partition);
      if (!granted && granted.error().code == Code::kNotFound) {
        return Fail(Code::kPermissionDenied, "GRANT_ENDED",
                    "the access under which this began was revoked or is over: ask the school's "
                    "coordinator for access, then watch anew from the last position");
      }
      if (!granted) return granted;
    }
    return {};
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
      JALON_RETURN_IF_ERROR(IsGranted(school, partition));
      wish.schools.emplace(school, partition);
    }
    schools_ = wish.schools;
    for (const auto& after : request_.after()) wish.after[after.school_id()] = after.sequence();
    JALON_ASSIGN_OR_RETURN(watch_, projections::Watch::Open(door_.parts_.log, door_.parts_.birth,
                                                            std::move(wish), [this] { Ring(); }));
    if (door_.parts_.access != nullptr) {
      for (const Bytes& school : schools) {
        Called called = Told();
        called.school_id = school;
        door_.parts_.access->Note(EntryOf(access::v1::ACCESS_KIND_EXPORT, called));
      }
    }
    return {};
  }

  // NOT_FOUND unless the person has a grant of the school that holds today.
  Result<void> IsGranted(const Bytes& school, Partition partition) const {
    JALON_ASSIGN_OR_RETURN(const auto reader, door_.parts_.views.Read(partition, school));
    const auto key = projections::GrantsKey(projections::PersonId::Of(person_id()));
    JALON_ASSIGN_OR_RETURN(const auto row,
                           reader->Find<projections::GrantsRow>(projections::kGrants, key));
    const LocalDate today = Today();
    const bool granted =
        row && !person_id().empty() &&
        std::ranges::any_of(row->grants, [&](const projections::GrantFacts& grant) {
          return grant.role == principal().role && grant.revoked.IsNone() &&
                 (grant.expires_on == 0 || grant.expires_on >= today);
        });
    return granted ? Result<void>() : NotFound();
  }

  Called Told() const {
    return {.who = &principal(),
            .school_id = request_.header().school_id(),
            .action = spec_.action,
            .resource_id = {}};
  }

  grpc::Status StatusOf(const Error& error) const {
    if (door_.parts_.on_fault && IsFault(error)) door_.parts_.on_fault(error);
    NoteRefusal(door_.parts_.access, Told(), error);
    return ToStatus(error, language_);
  }

  FeedDoor& door_;
  const StreamSpec& spec_;
  const Language language_;
  const WatchEventsRequest request_;

  std::atomic<size_t> unseen_ = 0;  // schools whose views are waited for

  // Of the turns: one at a time.
  bool asked_views_ = false;
  std::unique_ptr<projections::Watch> watch_;
  std::map<Bytes, Partition> schools_;  // that are watched
  int untold_ = 0;                      // reads since the last position that was told
  bool done_ = false;
};

RawStreamHandler FeedDoor::HandlerOf(const StreamSpec& spec) {
  return [this, &spec](grpc::CallbackServerContext* context,
                       const grpc::ByteBuffer* body) -> Reactor* {
    Call call;
    WatchEventsRequest request;
    if (const auto refused =
            ReadStream(*context, *body, parts_.tokens, parts_.access, spec, &call, &request)) {
      return new RefusedStream(*refused);
    }
    const auto stream =
        std::make_shared<FeedStream>(*this, spec, *context, call, std::move(request));
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
