#include "services/api/trail_door.h"

#include <fmt/format.h>

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/trail/export_writer.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "projections/trail/export.h"
#include "services/api/buffers.h"
#include "services/api/call.h"
#include "services/api/language.h"
#include "services/api/peer/handed_over.h"
#include "services/api/queries/access.h"
#include "services/api/queries/access_note.h"
#include "services/api/queries/trail_of.h"
#include "services/api/status.h"
#include "services/api/stream_in_turns.h"
#include "services/domain/local_date.h"

namespace jalon::api {

using node::v1::ExportBegun;
using projections::CompanyId;
using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;

namespace {

grpc::Status TooMany(size_t of_person, size_t in_all, std::string_view where,
                     domain::Language language) {
  return ToStatus(
      {Code::kResourceExhausted,
       "QUEUE_FULL",
       fmt::format("too many exports at once{}: at most {} of one person, {} in all; try again a "
                   "little later",
                   where, of_person, in_all),
       {}},
      language);
}

// Whether there is what an export begins with.
bool IsWhole(const ExportBegun& begun) {
  if (begun.responses().empty()) return false;
  const ExportTrailResponse& first = begun.responses(0);
  return first.has_as_of() && first.checkpoint().root().size() == std::tuple_size_v<Hash>;
}

// What is to be sent next: how it begins, and then the files that the last step made, in pieces.
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
  void Add(ExportTrailResponse response) { responses_.push_back(std::move(response)); }
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
        token_(std::move(call.token)),
        caller_{.principal = principal(), .language = call.language},
        request_(std::move(request)) {}

  domain::Language language() const { return caller_.language; }

  // Asks how it begins, and rings once it knows.
  void Begin(const QueryMethod& begin) {
    door_.parts_.start.Begin(begin, request_, caller_, Deadline(),
                             [self = shared_from_this()](Result<ExportBegun> begun) {
                               self->begun_ = std::move(begun);
                               self->asked_ = true;
                               self->Ring();
                             });
  }

 private:
  Outcome Work() override {
    if (!asked_) return {};
    if (said_) return {.finish = said_};
    if (!begun_) {
      if (begun_.error().reason == kSignerElsewhere && AskSigner()) return {};
      return {.finish = ToStatus(begun_.error(), caller_.language)};  // told already
    }
    if (asked_signer_ && !awaiting_) {
      awaiting_ = true;
      Await();
    }
    if (awaiting_ && !awaited_) return {};
    if (!reached_) return {.finish = StatusOf(reached_.error())};
    if (const Result<void> may = MayGoOn(); !may) return {.finish = StatusOf(may.error())};
    if (!entering_) {
      if (const Result<void> same = CheckSigned(); !same) return {.finish = StatusOf(same.error())};
      entering_ = true;
      Enter();
    }
    if (!entered_) return {};
    if (!taken_) return {.finish = StatusOf(taken_.error())};
    if (exporter_ == nullptr) {
      exporter_ = Open();
      for (ExportTrailResponse& response : *begun_->mutable_responses()) {
        pieces_.Add(std::move(response));
      }
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

  Micros Deadline() const { return door_.parts_.clock.Monotonic() + Micros(kDeadlineMax); }

  // Asks the node that signs how it begins, and rings once it knows; false: none is known, or it
  // was asked before.
  bool AskSigner() {
    if (asked_signer_ || door_.parts_.remote == nullptr) return false;
    asked_signer_ = true;
    asked_ = false;
    node::v1::AnswerQueryRequest asked;
    asked.set_method(spec_.path);
    asked.set_request(request_.SerializeAsString());
    asked.set_token(token_);
    asked.set_language(std::string(LocaleOf(caller_.language)));
    asked.set_told_seq(door_.parts_.start.ToldOf(request_, caller_).value);
    return door_.parts_.remote->AnswerQuery(
        std::move(asked), kDeadlineMax,
        [self = shared_from_this()](const grpc::Status& status, const std::string& response) {
          self->Take(status, response);
          self->asked_ = true;
          self->Ring();
        });
  }

  // What the signer answered: `begun_` stays as it is where that is none of the export.
  void Take(const grpc::Status& status, const std::string& response) {
    // One of an older version does not know what it was asked.
    const bool knows = status.error_code() != grpc::StatusCode::UNIMPLEMENTED;
    if (!status.ok() && knows) {
      if (!status.error_details().empty()) said_ = status;
      return;
    }
    ExportBegun begun;
    if (begun.ParseFromString(response) && IsWhole(begun)) {
      begun_ = std::move(begun);
      return;
    }
    begun_ = Fail(Code::kUnavailable, "NOT_SERVING",
                  "the node that signs answered what is no beginning of an export: try again once "
                  "all nodes run the same version");
  }

  // Rings once the views here reflect what was signed elsewhere, or will not soon.
  void Await() {
    const type::v1::Position& at = begun_->responses(0).as_of().position();
    door_.parts_.views.Await(door_.parts_.placement.PartitionOf(School()), at.log_incarnation(),
                             Seq{at.seq()}, Deadline(),
                             [self = shared_from_this()](Result<void> reached) {
                               self->reached_ = std::move(reached);
                               self->awaited_ = true;
                               self->Ring();
                             });
  }

  // What another node signed is what the trail is here, where its entries are read from: otherwise
  // one of the two is wrong, and nothing leaves.
  Result<void> CheckSigned() const {
    if (!asked_signer_) return {};
    const trail::v1::SignedCheckpoint& signed_at = begun_->responses(0).checkpoint();
    const Bytes school = School();
    JALON_ASSIGN_OR_RETURN(
        auto reader, door_.parts_.views.Read(door_.parts_.placement.PartitionOf(school), school));
    const projections::TrailRows rows = TrailRowsOf(std::move(reader));
    projections::TrailTree tree(rows, request_.company_id());
    JALON_ASSIGN_OR_RETURN(const uint64_t size, tree.Size());
    if (signed_at.size() <= size) {
      JALON_ASSIGN_OR_RETURN(const Hash root, tree.RootAt(signed_at.size()));
      if (root == HashFrom(signed_at.root())) return {};
    }
    const Error otherwise{
        Code::kFailedPrecondition,
        "SIGNED_OTHERWISE",
        fmt::format("the node that signs has signed {} at {} entries with another root than it has "
                    "here: run 'jalon log verify' and rebuild the views at both, and find out",
                    signed_at.origin(), signed_at.size()),
        {}};
    if (door_.parts_.on_fault) door_.parts_.on_fault(otherwise);
    return std::unexpected(otherwise);
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

  std::unique_ptr<projections::TrailExporter> Open() {
    const trail::v1::SignedCheckpoint& signed_at = begun_->responses(0).checkpoint();
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
    if (door_.parts_.on_fault && IsFault(error)) door_.parts_.on_fault(error);
    NoteRefusal(door_.parts_.access, Told(), error);
    return ToStatus(error, caller_.language);
  }

  TrailDoor& door_;
  const StreamSpec& spec_;
  const std::string token_;
  const Caller caller_;
  const ExportTrailRequest request_;

  // Of whoever is asked how it begins, until it has answered.
  Result<ExportBegun> begun_;
  std::optional<grpc::Status> said_;  // by the signer, to the caller
  std::atomic<bool> asked_ = false;
  Result<void> reached_;  // of the views, until they have
  std::atomic<bool> awaited_ = false;
  Result<void> taken_;  // of the access log, until it has the entry
  std::atomic<bool> entered_ = false;

  // Of the turns: one at a time.
  Pieces pieces_;
  std::unique_ptr<projections::TrailExporter> exporter_;
  bool asked_signer_ = false;
  bool awaiting_ = false;
  bool entering_ = false;
  bool more_ = true;
};

void TrailDoor::Answer(const node::v1::AnswerQueryRequest& asked, Micros patience,
                       const RemoteSigner::Answered& answered) const {
  const auto read = HandedOver::Read(asked, *spec_, spec_->plan, parts_.tokens);
  if (!read) return answered(read.error(), {});
  const std::shared_ptr<HandedOver>& handed = *read;
  handed->place = handed_over_.Take(handed->caller.principal.person_id);
  if (handed->place == nullptr) {
    return answered(TooMany(kExportsHandedOverPerPersonMax, kExportsHandedOverMax,
                            " begin for other nodes", handed->caller.language),
                    {});
  }
  parts_.start.Begin(*begin_, static_cast<const ExportTrailRequest&>(*handed->request),
                     handed->caller, parts_.clock.Monotonic() + patience,
                     [handed, answered](const Result<ExportBegun>& begun) {
                       handed->place.reset();
                       if (!begun) {
                         return answered(ToStatus(begun.error(), handed->caller.language), {});
                       }
                       answered(grpc::Status::OK, begun->SerializeAsString());
                     });
}

RawStreamHandler TrailDoor::HandlerOf(const StreamSpec& spec, const QueryMethod& begin) {
  spec_ = &spec;
  begin_ = &begin;
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
          TooMany(kExportStreamsPerPersonMax, kExportStreamsMax, "", stream->language()));
    }
    stream->Begin(begin);
    return stream.get();
  };
}

}  // namespace jalon::api
