#include "services/api/trail_door.h"

#include <fmt/format.h>

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/trail/export_writer.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "projections/trail/export.h"
#include "services/api/buffers.h"
#include "services/api/call.h"
#include "services/api/queries/access.h"
#include "services/api/queries/access_note.h"
#include "services/api/queries/trail_of.h"
#include "services/api/status.h"
#include "services/api/stream_in_turns.h"
#include "services/domain/local_date.h"

namespace jalon::api {

using projections::CompanyId;
using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;

namespace {

// The files that the last step made, in pieces to be sent.
class Pieces final : public trail::ExportSink {
 public:
  Result<void> Write(const std::string& path, std::string_view bytes) override {
    do {
      const std::string_view piece = bytes.substr(0, kExportPieceBytesMax);
      trail::v1::ExportedFile& file = *responses_.emplace_back().mutable_file();
      file.set_path(path);
      file.set_bytes(std::string(piece));
      bytes.remove_prefix(piece.size());
    } while (!bytes.empty());
    return {};
  }
  // The next one to send; none: take another step.
  std::optional<ExportTrailResponse> Next() {
    if (responses_.empty()) return std::nullopt;
    ExportTrailResponse next = std::move(responses_.front());
    responses_.pop_front();
    return next;
  }

 private:
  std::deque<ExportTrailResponse> responses_;
};

}  // namespace

class ExportStream final : public StreamInTurns, public std::enable_shared_from_this<ExportStream> {
 public:
  ExportStream(TrailDoor& door, const StreamSpec& spec, grpc::CallbackServerContext& context,
               Call call, ExportTrailRequest request)
      : StreamInTurns({.streams = door.streams_,
                       .run = door.parts_.run,
                       .when_ended = "the server ends: export again",
                       .claims = std::move(call.claims),
                       .context = context,
                       .write_max = door.parts_.write_max}),
        door_(door),
        spec_(spec),
        caller_{.principal = principal(), .language = call.language},
        request_(std::move(request)) {}

  // Asks the frame how it begins, and rings once it knows.
  void Begin(const QueryMethod& begin) {
    door_.parts_.frame.Ask(begin, request_, caller_,
                           door_.parts_.clock.Monotonic() + Micros(kDeadlineMax), &first_,
                           [self = shared_from_this()](Result<void> began) {
                             self->began_ = std::move(began);
                             self->asked_ = true;
                             self->Ring();
                           });
  }

 private:
  Outcome Work() override {
    if (!asked_) return {};
    if (!began_) return {.finish = ToStatus(began_.error(), caller_.language)};  // told already
    if (const Result<void> may = MayGoOn(); !may) return {.finish = StatusOf(may.error())};
    if (!entering_) {
      entering_ = true;
      Enter();
    }
    if (!entered_) return {};
    if (!taken_) return {.finish = StatusOf(taken_.error())};
    if (!publishing_) {
      publishing_ = true;
      door_.parts_.publisher.Publish(Exported(), [self = shared_from_this()] {
        self->published_ = true;
        self->Ring();
      });
    }
    if (!published_) return {};
    if (exporter_ == nullptr) {
      if (const Result<void> proven = AddRootProof(); !proven) {
        return {.finish = StatusOf(proven.error())};
      }
      exporter_ = Open();
      return Send(first_);
    }
    for (;;) {
      if (const auto piece = pieces_.Next()) return Send(*piece);
      if (!more_) return {.finish = grpc::Status::OK};
      const Result<bool> more = exporter_->Step();
      if (!more) return {.finish = StatusOf(more.error())};
      more_ = *more;
    }
  }

  Outcome Send(const ExportTrailResponse& response) {
    buffer() = ToBuffer(response);
    return {.write = true};
  }

  // The token and the grant hold as they did when it began.
  Result<void> MayGoOn() const {
    if (!TokenHolds(door_.parts_.real_clock)) {
      return Fail(Code::kUnauthenticated, "UNAUTHENTICATED",
                  "the token has expired: get another one, and export again");
    }
    const Bytes school = School();
    JALON_ASSIGN_OR_RETURN(
        const auto reader,
        door_.parts_.views.Read(door_.parts_.placement.PartitionOf(school), school));
    const domain::LocalDate today = domain::LocalDateOf(door_.parts_.clock.Wall());
    const auto scope = ScopeOf(caller_.principal, reader.get(), today);
    if (scope || scope.error().code != Code::kNotFound) {
      return scope ? Result<void>() : std::unexpected(scope.error());
    }
    return Fail(Code::kPermissionDenied, "GRANT_ENDED",
                "the access under which this export began was revoked or is over: what came is no "
                "export; ask the school's coordinator for access");
  }

  Bytes School() const {
    const Bytes& own = caller_.principal.school_id;
    return own.empty() ? request_.header().school_id() : own;
  }

  Called Told() const {
    return {.who = &caller_.principal,
            .school_id = School(),
            .action = spec_.action,
            .resource_id = request_.company_id()};
  }

  // Has the access log say that it leaves, and rings once it does.
  void Enter() {
    if (door_.parts_.access == nullptr) {
      entered_ = true;
      return;
    }
    door_.parts_.access->Record(EntryOf(access::v1::ACCESS_KIND_EXPORT, Told()),
                                [self = shared_from_this()](Result<void> taken) {
                                  self->taken_ = std::move(taken);
                                  self->entered_ = true;
                                  self->Ring();
                                });
  }

  trail::Checkpoint Exported() const {
    const trail::v1::SignedCheckpoint& signed_at = first_.checkpoint();
    return {
        .origin = signed_at.origin(), .size = signed_at.size(), .root = HashFrom(signed_at.root())};
  }

  // Nothing where it is not published: the export says what it says without it.
  Result<void> AddRootProof() {
    JALON_ASSIGN_OR_RETURN(const auto published,
                           door_.parts_.root_log.ProofOf(Exported(), request_.since_root_size()));
    if (!published) return {};
    JALON_RETURN_IF_ERROR(pieces_.Write(trail::kRootProofFile, published->proof));
    if (published->next) {
      JALON_RETURN_IF_ERROR(pieces_.Write(trail::kRootNextFile, *published->next));
    }
    if (!published->consistency) return {};
    return pieces_.Write(trail::kRootConsistencyFile, *published->consistency);
  }

  std::unique_ptr<projections::TrailExporter> Open() {
    const trail::v1::SignedCheckpoint& signed_at = first_.checkpoint();
    const Bytes school = School();
    const Partition partition = door_.parts_.placement.PartitionOf(school);
    return std::make_unique<projections::TrailExporter>(
        projections::TrailExport{.partition = partition,
                                 .company_id = CompanyId::Of(request_.company_id()),
                                 .size = signed_at.size(),
                                 .root = HashFrom(signed_at.root()),
                                 .checkpoint = signed_at.note()},
        [this, partition, school]() -> Result<projections::TrailRows> {
          JALON_ASSIGN_OR_RETURN(auto reader, door_.parts_.views.Read(partition, school));
          return TrailRowsOf(std::move(reader));
        },
        door_.parts_.log, pieces_);
  }

  grpc::Status StatusOf(const Error& error) const {
    if ((error.code == Code::kDataLoss || error.code == Code::kInternal) && door_.parts_.on_fault) {
      door_.parts_.on_fault(error);
    }
    NoteRefusal(door_.parts_.access, Told(), error);
    return ToStatus(error, caller_.language);
  }

  TrailDoor& door_;
  const StreamSpec& spec_;
  const Caller caller_;
  const ExportTrailRequest request_;

  // Of the frame, until it has asked.
  ExportTrailResponse first_;
  Result<void> began_;
  std::atomic<bool> asked_ = false;
  Result<void> taken_;  // of the access log, until it has the entry
  std::atomic<bool> entered_ = false;
  std::atomic<bool> published_ = false;  // of the publisher, until it has tried

  // Of the turns: one at a time.
  Pieces pieces_;
  std::unique_ptr<projections::TrailExporter> exporter_;
  bool entering_ = false;
  bool publishing_ = false;
  bool more_ = true;
};

RawStreamHandler TrailDoor::HandlerOf(const StreamSpec& spec, const QueryMethod& begin) {
  using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;
  return [this, &spec, &begin](grpc::CallbackServerContext* context,
                               const grpc::ByteBuffer* body) -> Reactor* {
    Call call;
    ExportTrailRequest request;
    if (const auto refused =
            ReadStream(*context, *body, parts_.tokens, parts_.access, spec, &call, &request)) {
      return new RefusedStream(*refused);
    }
    const auto stream =
        std::make_shared<ExportStream>(*this, spec, *context, std::move(call), std::move(request));
    if (!HasRoomFor(stream->person_id(), kExportStreamsPerPersonMax, streams_) ||
        !streams_.Add(stream)) {
      return new RefusedStream(
          {grpc::StatusCode::RESOURCE_EXHAUSTED,
           fmt::format("too many exports at once: at most {} of one person, {} in all; try again "
                       "a little later",
                       kExportStreamsPerPersonMax, kExportStreamsMax)});
    }
    stream->Begin(begin);
    return stream.get();
  };
}

}  // namespace jalon::api
