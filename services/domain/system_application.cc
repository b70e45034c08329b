#include "services/domain/system_application.h"

#include <map>
#include <string>
#include <utility>

#include "jalon/event/v1/system_events.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/decision.h"
#include "services/domain/model/placement.h"
#include "services/domain/model/published_log.h"
#include "services/domain/model/signer_claim.h"
#include "services/domain/record.h"
#include "services/domain/school_code.h"
#include "services/domain/signed_claim.h"

namespace jalon::domain {
namespace {

// Raise it with every change of an evolve function below or of a state's fields.
constexpr uint32_t kEvolveVersion = 3;

// That of eventstore/trail/origin.h.
constexpr size_t kOriginBytesMax = 128;
// Those of eventstore/signer/signer_claims.h.
constexpr size_t kPublicKeyBytes = 32;
constexpr size_t kClaimantBytes = 16;
// Further ahead a claim may not go: a log that was put back from a backup may lack the claims of
// some generations that were opened, and never of many.
constexpr uint32_t kGenerationsAheadMax = 16;

void Evolve(const event::v1::TenantPlaced& placed, const Event&, Rows& rows) {
  rows.Edit<PlacementState>({}).partition = placed.partition();
}

void Evolve(const event::v1::LogsPublished& published, const Event& event, Rows& rows) {
  rows.Edit<PublishedLogState>({}).size = event.envelope.version();
  for (const type::v1::PublishedLog& log : published.logs()) {
    auto& known = rows.Edit<PublishedLogState>(log.origin());
    known.size = log.size();
    known.root = HashFrom(log.root());
  }
}

void Evolve(const event::v1::SignerClaimed& claimed, const Event&, Rows& rows) {
  auto& last = rows.Edit<SignerClaimState>({});
  last.public_key = claimed.public_key();
  last.epoch = claimed.epoch();
  last.claimant = claimed.claimant();
  last.generation = claimed.generation();
}

eventstore::Refused Deny(Refusals refusals) {
  return {std::make_shared<const Denied>(std::move(refusals))};
}

// What is wrong with a claim, whatever came before.
Refusals CheckForm(const event::v1::SignerClaimed& wanted) {
  const bool has_previous = !wanted.previous_public_key().empty();
  Refusals refusals;
  refusals.Unless(wanted.public_key().size() == kPublicKeyBytes, Reason::FIELD_INVALID,
                  "public_key");
  refusals.If(has_previous && (wanted.previous_public_key().size() != kPublicKeyBytes ||
                               wanted.previous_public_key() == wanted.public_key()),
              Reason::FIELD_INVALID, "previous_public_key");
  refusals.Unless(wanted.claimant().size() == kClaimantBytes, Reason::FIELD_INVALID, "claimant");
  refusals.If(wanted.rotations_size() > kRotationsMax, Reason::FIELD_INVALID, "rotations");
  return refusals;
}

}  // namespace

SystemApplication::SystemApplication(uint32_t partition_count,
                                     std::function<Partition(std::string_view)> by_default,
                                     Bytes deployment)
    : partition_count_(partition_count),
      by_default_(std::move(by_default)),
      deployment_(std::move(deployment)) {
  events_.Add<event::v1::TenantPlaced>(domain::Evolve);
  events_.Add<event::v1::LogsPublished>(domain::Evolve);
  events_.Add<event::v1::SignerClaimed>(domain::Evolve);
}

eventstore::Verdict SystemApplication::Decide(const eventstore::Command& command,
                                              const eventstore::Moment& moment,
                                              eventstore::StateView& view) const {
  const auto& request = static_cast<const Request&>(command);
  const auto* kind = request.command->GetDescriptor();
  if (kind == school::v1::RegisterSchool::descriptor()) return Place(request, moment, view);
  if (kind == event::v1::LogsPublished::descriptor()) return Publish(request, moment, view);
  if (kind == event::v1::SignerClaimed::descriptor()) return Claim(request, moment, view);
  return Deny(Refusals().Add(Reason::UNSUPPORTED));
}

eventstore::Verdict SystemApplication::Place(const Request& request,
                                             const eventstore::Moment& moment,
                                             eventstore::StateView& view) const {
  const auto& wanted = static_cast<const school::v1::RegisterSchool&>(*request.command);
  const Context context(request, moment);
  State state(view, events_, request.school_id);
  const auto* known = state.Find<PlacementState>({});

  Refusals refusals;
  refusals.Unless(SchoolIdOf(wanted.code()) == request.school_id, Reason::FIELD_INVALID,
                  "command.code");
  refusals.If(wanted.partition() >= partition_count_, Reason::FIELD_INVALID, "command.partition");
  if (known != nullptr && wanted.has_partition()) {
    refusals.If(wanted.partition() != known->partition, Reason::TENANT_MOVE_UNSUPPORTED,
                std::to_string(known->partition));
  }
  if (refusals) return Deny(std::move(refusals));

  event::v1::TenantPlaced placed;
  placed.set_partition(known != nullptr         ? known->partition
                       : wanted.has_partition() ? wanted.partition()
                                                : by_default_(request.school_id).value);
  std::string reply = placed.SerializeAsString();
  if (known != nullptr || request.header->dry_run()) {
    return eventstore::NothingToDo{.reply = std::move(reply)};
  }
  EventList events(context, state);
  events.Add({type::v1::AGGREGATE_KIND_PLACEMENT, request.school_id, 0}, placed);
  return eventstore::Accepted{.events = events.TakeEncoded(), .reply = std::move(reply)};
}

eventstore::Verdict SystemApplication::Publish(const Request& request,
                                               const eventstore::Moment& moment,
                                               eventstore::StateView& view) const {
  const auto& wanted = static_cast<const event::v1::LogsPublished&>(*request.command);
  const Context context(request, moment);
  State state(view, events_, request.school_id);
  Refusals refusals;
  const auto* signer = state.Find<SignerClaimState>({});
  refusals.Unless(signer != nullptr && IsSignedBy(signer->public_key, wanted, deployment_),
                  Reason::FIELD_INVALID, "signature");
  if (refusals) return Deny(std::move(refusals));
  event::v1::LogsPublished news;
  std::map<std::string, PublishedLogState> last;  // two exports may ask at once, the later for less
  for (const type::v1::PublishedLog& log : wanted.logs()) {
    if (log.origin().empty() || log.origin().size() > kOriginBytesMax || log.size() == 0 ||
        log.root().size() != sizeof(Hash)) {
      refusals.Add(Reason::FIELD_INVALID, log.origin());
      continue;
    }
    const auto [at, is_first] = last.try_emplace(log.origin());
    PublishedLogState& known = at->second;
    if (const auto* before = is_first ? state.Find<PublishedLogState>(log.origin()) : nullptr) {
      known = *before;
    }
    if (known.size >= log.size()) {
      refusals.If(known.size == log.size() && View(known.root) != log.root(), Reason::FIELD_INVALID,
                  log.origin());
      continue;
    }
    known.size = log.size();
    known.root = HashFrom(log.root());
    *news.add_logs() = log;
  }
  if (refusals) return Deny(std::move(refusals));
  if (news.logs().empty()) return eventstore::NothingToDo{};
  const auto* root_log = state.Find<PublishedLogState>({});
  EventList events(context, state);
  events.Add({type::v1::AGGREGATE_KIND_ROOT_LOG, request.school_id,
              root_log == nullptr ? 0 : root_log->size},
             news);
  return eventstore::Accepted{.events = events.TakeEncoded(), .reply = {}};
}

eventstore::Verdict SystemApplication::Claim(const Request& request,
                                             const eventstore::Moment& moment,
                                             eventstore::StateView& view) const {
  const auto& wanted = static_cast<const event::v1::SignerClaimed&>(*request.command);
  const Context context(request, moment);
  State state(view, events_, request.school_id);
  const auto* last = state.Find<SignerClaimState>({});
  Refusals refusals = CheckForm(wanted);
  if (!refusals) {
    refusals.Unless(IsSigned(wanted, deployment_), Reason::FIELD_INVALID, "signature");
  }
  if (refusals) return Deny(std::move(refusals));
  if (last != nullptr && last->claimant == wanted.claimant() &&
      last->public_key == wanted.public_key()) {
    return eventstore::NothingToDo{};
  }
  const uint64_t claims_before = last == nullptr ? 0 : last->epoch;
  const uint32_t generation = last == nullptr ? 1 : last->generation;
  refusals.Unless(wanted.epoch() == claims_before + 1, Reason::FIELD_INVALID, "epoch");
  refusals.If(
      wanted.generation() < generation || wanted.generation() - generation > kGenerationsAheadMax,
      Reason::FIELD_INVALID, "generation");
  refusals.Unless(
      last == nullptr || wanted.replaces_lost_key() || ComesAfter(last->public_key, wanted),
      Reason::FIELD_INVALID, "public_key");
  if (refusals) return Deny(std::move(refusals));

  EventList events(context, state);
  events.Add({type::v1::AGGREGATE_KIND_SIGNER, request.school_id, claims_before}, wanted);
  return eventstore::Accepted{.events = events.TakeEncoded(), .reply = {}};
}

Result<void> SystemApplication::Evolve(const log::v1::Record& record,
                                       eventstore::StateEdit& edit) const {
  return EvolveRecord(events_, record, edit);
}

Result<std::unique_ptr<eventstore::Row>> SystemApplication::DecodeRow(
    std::string_view key, std::string_view bytes, eventstore::StateView& state) const {
  return DecodeStateRow(key, bytes, state);
}

uint32_t SystemApplication::EvolveVersion() const { return kEvolveVersion; }

}  // namespace jalon::domain
