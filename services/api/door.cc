#include "services/api/door.h"

#include <google/protobuf/arena.h>

#include <array>
#include <optional>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"
#include "eventstore/writer/request_id.h"
#include "jalon/command/v1/command.pb.h"
#include "services/api/buffers.h"
#include "services/api/call.h"
#include "services/api/command_header.h"
#include "services/api/deterministic.h"
#include "services/api/edge.h"
#include "services/api/queries/access_note.h"
#include "services/api/registration.h"
#include "services/api/reply.h"
#include "services/api/status.h"
#include "services/domain/context.h"

namespace jalon::api {
namespace {

using domain::Reason;
using domain::Refusals;
using eventstore::Outcome;
using google::protobuf::Message;

constexpr uint64_t kMillisPerDay = 24 * 60 * 60 * 1000;

// A command as it was parsed, with the memory it lies in. Most fit the first block.
struct Parsed {
  std::array<char, 4096> block;
  google::protobuf::Arena arena{Options(block)};
  Message* request = nullptr;

  static google::protobuf::ArenaOptions Options(std::array<char, 4096>& block) {
    google::protobuf::ArenaOptions options;
    options.initial_block = block.data();
    options.initial_block_size = block.size();
    return options;
  }
};

void AddPart(std::string_view part, std::string* bytes) {
  for (size_t size = part.size();; size >>= 7) {
    *bytes += static_cast<char>(size < 0x80 ? size : size | 0x80);
    if (size < 0x80) break;
  }
  *bytes += part;
}

// Who sends it, as the MAC covers it.
std::string MacOf(const domain::Principal& who, std::string_view path, const Message& request,
                  std::string_view key) {
  std::string sender(1, static_cast<char>(who.role));
  for (std::string_view part : {std::string_view(who.person_id), std::string_view(who.school_id),
                                std::string_view(who.company_id), path}) {
    AddPart(part, &sender);
  }
  std::string body = DeterministicBytes(request);
  std::string mac(View(Mac(key, {sender, body})));
  eventstore::WipeBytes(body.data(), body.size());
  return mac;
}

}  // namespace

// One command in the door. Lives from the handler's call until it is answered, then deletes itself.
class CommandCall {
 public:
  CommandCall(Door& door, const CommandSpec& spec, grpc::CallbackServerContext& context,
              grpc::ServerUnaryReactor& reactor, const grpc::ByteBuffer& body,
              grpc::ByteBuffer& response)
      : door_(door),
        spec_(spec),
        context_(context),
        reactor_(reactor),
        body_(body),
        response_(response) {}

  void Run();

 private:
  // Each step adds what is wrong; nothing wrong: on to the next.
  void CheckRole(Refusals* refusals) const;
  bool Parse();
  Refusals Check(std::vector<Section>* sections);
  bool NamesNoSchool();
  bool ResolveSchool();
  Result<void> Authenticate();
  // What comes from another school is decided on as what it says.
  void OpenTransfer();
  void Submit();
  // A school that is being registered has its place before anything else.
  void Place(Partition system, eventstore::Submission registration);
  void OnPlaced(const Outcome& outcome);
  void HandOver(Partition partition, eventstore::Submission submission);
  void OnOutcome(Outcome outcome);
  void Answer(const Outcome& outcome, Receipts::Made receipts);

  type::v1::CommandHeader& header() {
    return *static_cast<type::v1::CommandHeader*>(
        parsed_->request->GetReflection()->MutableMessage(parsed_->request, spec_.header));
  }
  Message& command() {
    return *parsed_->request->GetReflection()->MutableMessage(parsed_->request, spec_.command);
  }
  const domain::Principal& principal() const { return call_.claims->principal; }

  // Answers; `this` is gone afterwards.
  void Finish(grpc::Status status) {
    reactor_.Finish(std::move(status));
    delete this;
  }
  void Refuse(const Refusals& refusals) {
    NoteRefusal(door_.parts_.access, Called(), refusals);
    Finish(ToStatus(refusals, call_.language));
  }
  void Refuse(domain::RefusalReason reason) { Refuse(Refusals().Add(reason)); }
  void Fail(const Error& error) {
    NoteRefusal(door_.parts_.access, Called(), error);
    Finish(ToStatus(error, call_.language));
  }
  // As far as it is known by now.
  api::Called Called();

  Door& door_;
  const CommandSpec& spec_;
  grpc::CallbackServerContext& context_;
  grpc::ServerUnaryReactor& reactor_;
  const grpc::ByteBuffer& body_;
  grpc::ByteBuffer& response_;

  Call call_;
  Micros until_{};
  std::shared_ptr<Parsed> parsed_;
  bool is_checked_ = false;  // so that what stands in it is what it is called
  Bytes school_id_;
  Bytes body_mac_;
  domain::Seen seen_;
  Partition partition_;
  eventstore::Submission registration_;  // while its school is placed
};

void CommandCall::CheckRole(Refusals* refusals) const {
  if (spec_.Allows(principal().role)) return;
  const bool is_rule =
      principal().IsCompany() && spec_.denied_as != refusal::v1::REFUSAL_REASON_UNSPECIFIED;
  refusals->Add(is_rule ? spec_.denied_as : Reason::ROLE_NOT_ALLOWED);
}

api::Called CommandCall::Called() {
  api::Called called{.who = call_.claims == nullptr ? nullptr : &principal(),
                     .school_id = school_id_,
                     .action = spec_.action,
                     .resource_id = {}};
  if (is_checked_) called.resource_id = ResourceIn(command(), spec_.resource);
  return called;
}

bool CommandCall::Parse() {
  parsed_ = std::make_shared<Parsed>();
  parsed_->request = spec_.request->New(&parsed_->arena);
  return ParseBuffer(body_, parsed_->request);
}

Refusals CommandCall::Check(std::vector<Section>* sections) {
  Refusals refusals;
  const Message& request = *parsed_->request;
  refusals.If(!request.GetReflection()->GetUnknownFields(request).empty(), Reason::UNKNOWN_FIELD,
              "request");
  const Micros now = door_.parts_.clock.Wall();
  CheckHeader(header(), now, &refusals);
  spec_.plan.Check(command(), "", &refusals, sections);
  Edge::Check(command(), domain::LocalDateOf(now), &refusals);
  return refusals;
}

// Who speaks for a region says which school is meant.
bool CommandCall::NamesNoSchool() {
  return principal().school_id.empty() && header().school_id().empty() &&
         Edge::SchoolOf(command()).empty();
}

// Another school's id is answered as one that does not exist.
bool CommandCall::ResolveSchool() {
  const Bytes& named = header().school_id();
  const Bytes implied = Edge::SchoolOf(command());
  school_id_ = !implied.empty()                ? implied
               : principal().school_id.empty() ? named
                                               : principal().school_id;
  return !school_id_.empty() && (named.empty() || named == school_id_) &&
         (principal().school_id.empty() || principal().school_id == school_id_);
}

Result<void> CommandCall::Authenticate() {
  const uint64_t millis = eventstore::RequestIdMillis(header().request_id());
  JALON_ASSIGN_OR_RETURN(const eventstore::Secret key,
                         door_.parts_.vault.DayKey(static_cast<uint32_t>(millis / kMillisPerDay)));
  body_mac_ = MacOf(principal(), spec_.path, *parsed_->request, key.View());
  return {};
}

void CommandCall::Run() {
  const DoorParts& parts = door_.parts_;
  if (const auto read = ReadCall(context_, parts.tokens, parts.real_clock, false, &call_); !read) {
    return Fail(read.error());
  }
  until_ = parts.real_clock.Monotonic() + call_.remaining;
  Refusals refusals;
  CheckRole(&refusals);
  if (refusals) return Refuse(refusals);
  if (body_.Length() > spec_.bytes_max) return Refuse(Reason::TOO_LARGE);
  if (!Parse()) return Refuse(Reason::MALFORMED);
  std::vector<Section> sections;
  refusals = Check(&sections);
  if (refusals) return Refuse(refusals);
  is_checked_ = true;
  if (NamesNoSchool()) {
    refusals.Add(Reason::FIELD_REQUIRED, "header.school_id");
    return Refuse(refusals);
  }
  if (!ResolveSchool()) return Refuse(Reason::NOT_FOUND);

  const Micros sent(static_cast<int64_t>(eventstore::RequestIdMillis(header().request_id())) *
                    1000);
  const domain::LocalDate today = domain::LocalDateOf(sent);
  seen_ = Edge::Look(command(), today);
  SealScope scope{.school_id = school_id_,
                  .request_id = header().request_id(),
                  .school_year = SchoolYearOf(today),
                  .dry_run = header().dry_run()};
  if (Sealer::MakesKeys(scope, sections)) {
    if (const auto takes = parts.sink.TakesCommands(); !takes) return Fail(takes.error());
  }
  if (const auto authenticated = Authenticate(); !authenticated) {
    return Fail(authenticated.error());
  }
  door_.sealer_.Seal(std::move(scope), std::move(sections),
                     [this](std::expected<void, Refusals> sealed) {
                       if (!sealed) return Refuse(sealed.error());
                       OpenTransfer();
                     });
}

void CommandCall::OpenTransfer() {
  person::v1::TransferIn* transfer = Edge::TransferOf(command());
  if (transfer == nullptr) return Submit();
  const transfer::Desk* desk = door_.parts_.transfers;
  if (desk == nullptr) return Refuse(Refusals().Add(Reason::UNSUPPORTED, "command.transfer"));
  desk->Open(school_id_, std::move(*transfer->mutable_issued()), [this, transfer](auto opened) {
    if (!opened) return Refuse(opened.error());
    *transfer->mutable_checked() = *std::move(opened);
    Submit();
  });
}

void CommandCall::Submit() {
  // Nobody waits any more: the last moment to leave without a trace.
  if (context_.IsCancelled()) return Refuse(Reason::DEADLINE_EXCEEDED);
  auto request = std::make_unique<domain::Request>();
  request->command = &command();
  request->header = &header();
  request->request = std::shared_ptr<const Message>(parsed_, parsed_->request);
  request->principal = principal();
  request->school_id = school_id_;
  request->seen = std::move(seen_);
  request->id_seed = RandomBytes(16);
  request->method = spec_.path;
  request->credential = std::move(call_.token);
  request->until = until_;

  const bool registers = IsRegistration(*request);
  const std::optional<Partition> wanted = WantedPartition(*request);
  eventstore::Submission submission{
      .tenant = school_id_,
      .request_id = header().request_id(),
      .body_mac = std::move(body_mac_),
      .actor = domain::ActorOf(*request),
      .trace = std::move(call_.trace),
      .command = std::move(request),
      .done = [this](Outcome outcome) { OnOutcome(std::move(outcome)); }};
  Placement& placement = door_.parts_.placement;
  const std::optional<Partition> system = placement.System();
  if (registers && system) return Place(*system, std::move(submission));
  const Partition partition = placement.PartitionOf(school_id_);
  if (wanted.value_or(partition) != partition) {  // on a log that goes by the hash
    return Refuse(Refusals().Add(Reason::UNSUPPORTED, "command.partition"));
  }
  HandOver(partition, std::move(submission));
}

void CommandCall::Place(Partition system, eventstore::Submission registration) {
  registration_ = std::move(registration);
  auto placing = PlacementOf(registration_, [this](const Outcome& outcome) { OnPlaced(outcome); });
  if (const auto submitted = door_.parts_.sink.Submit(system, std::move(placing)); !submitted) {
    Fail(submitted.error());
  }
}

void CommandCall::OnPlaced(const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kRefused) {
    return Refuse(static_cast<const domain::Denied&>(*outcome.refusal).refusals());
  }
  if (outcome.kind == Outcome::Kind::kFailed) return Fail(outcome.error);
  const std::optional<Partition> at = PlacedAt(outcome.reply);
  if (!at || at->value >= door_.parts_.placement.PartitionCount()) {
    return Fail({Code::kInternal, "INTERNAL", "a placement that is none", {}});
  }
  // From here on every command for the school finds it, that comes to this node.
  if (outcome.kind == Outcome::Kind::kAccepted) door_.parts_.placement.Placed(school_id_, *at);
  HandOver(*at, std::move(registration_));
}

void CommandCall::HandOver(Partition partition, eventstore::Submission submission) {
  partition_ = partition;
  const auto submitted = door_.parts_.sink.Submit(partition, std::move(submission));
  if (!submitted) Fail(submitted.error());
}

void CommandCall::OnOutcome(Outcome outcome) {
  if (outcome.moved_to) partition_ = *outcome.moved_to;
  OwnWrites* own_writes = door_.parts_.own_writes;
  if (outcome.kind == Outcome::Kind::kAccepted && own_writes != nullptr) {
    own_writes->Note(school_id_, {partition_, outcome.seq});
  }
  switch (outcome.kind) {
    case Outcome::Kind::kRefused:
      return Refuse(static_cast<const domain::Denied&>(*outcome.refusal).refusals());
    case Outcome::Kind::kFailed:
      return Fail(outcome.error);
    case Outcome::Kind::kAccepted:
    case Outcome::Kind::kNothingToDo:
      break;
  }
  ReceiptDesk* desk = door_.parts_.receipts;
  if (outcome.kind == Outcome::Kind::kNothingToDo || desk == nullptr ||
      TrailEntriesOf(outcome.reply) == 0) {
    return Answer(outcome, {});
  }
  const Seq seq = outcome.seq;
  desk->Ask(partition_, door_.parts_.sink.LogIncarnation(), seq,
            [this, outcome = std::move(outcome)](Receipts::Made receipts) {
              Answer(outcome, std::move(receipts));
            });
}

void CommandCall::Answer(const Outcome& outcome, Receipts::Made receipts) {
  const bool written = outcome.kind == Outcome::Kind::kAccepted;
  const ReplyPosition position{door_.parts_.sink.LogIncarnation(), partition_, outcome.seq};
  if (!EncodeReply(outcome.reply, written ? &position : nullptr, std::move(receipts),
                   call_.language, &response_)) {
    return Fail({Code::kInternal, "INTERNAL", "a reply that is none", {}});
  }
  Finish(grpc::Status::OK);
}

RawHandler Door::HandlerOf(const CommandSpec& spec) {
  return [this, &spec](grpc::CallbackServerContext* context, const grpc::ByteBuffer* body,
                       grpc::ByteBuffer* response) -> grpc::ServerUnaryReactor* {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    (new CommandCall(*this, spec, *context, *reactor, *body, *response))->Run();
    return reactor;
  };
}

}  // namespace jalon::api
