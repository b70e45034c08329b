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
#include "services/api/queries/trail_of.h"
#include "services/api/status.h"
#include "services/api/stream_in_turns.h"

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
  ExportStream(TrailDoor& door, Call call, ExportTrailRequest request)
      : StreamInTurns(door.streams_, door.parts_.run, "the server ends: export again",
                      std::move(call.claims)),
        door_(door),
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

  Result<void> MayGoOn() const {
    if (TokenHolds(door_.parts_.real_clock)) return {};
    return Fail(Code::kUnauthenticated, "UNAUTHENTICATED",
                "the token has expired: get another one, and export again");
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
    if (!published->consistency) return {};
    return pieces_.Write(trail::kRootConsistencyFile, *published->consistency);
  }

  std::unique_ptr<projections::TrailExporter> Open() {
    const trail::v1::SignedCheckpoint& signed_at = first_.checkpoint();
    const Bytes& own = caller_.principal.school_id;
    const Bytes school = own.empty() ? request_.header().school_id() : own;
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
    return ToStatus(error, caller_.language);
  }

  TrailDoor& door_;
  const Caller caller_;
  const ExportTrailRequest request_;

  // Of the frame, until it has asked.
  ExportTrailResponse first_;
  Result<void> began_;
  std::atomic<bool> asked_ = false;
  std::atomic<bool> published_ = false;  // of the publisher, until it has tried

  // Of the turns: one at a time.
  Pieces pieces_;
  std::unique_ptr<projections::TrailExporter> exporter_;
  bool publishing_ = false;
  bool more_ = true;
};

RawStreamHandler TrailDoor::HandlerOf(const StreamSpec& spec, const QueryMethod& begin) {
  using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;
  return [this, &spec, &begin](grpc::CallbackServerContext* context,
                               const grpc::ByteBuffer* body) -> Reactor* {
    Call call;
    ExportTrailRequest request;
    if (const auto refused = ReadStream(*context, *body, parts_.tokens, spec, &call, &request)) {
      return new RefusedStream(*refused);
    }
    const auto stream = std::make_shared<ExportStream>(*this, std::move(call), std::move(request));
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
