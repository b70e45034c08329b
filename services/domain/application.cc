#include "services/domain/application.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "services/domain/record.h"
#include "services/domain/scope.h"

namespace jalon::domain {
namespace {

// Raise it with every change of an evolve function or of a state's fields.
constexpr uint32_t kEvolveVersion = 11;

// The record's own fields beside events and reply: hashes, ids, actor, trace.
constexpr size_t kRecordOverheadBytes = 1024;

eventstore::Refused Deny(Refusals refusals) {
  return {std::make_shared<const Denied>(std::move(refusals))};
}
eventstore::Refused Deny(RefusalReason reason) { return Deny(Refusals().Add(reason)); }

size_t RecordBytes(const eventstore::Accepted& accepted) {
  size_t bytes = kRecordOverheadBytes + accepted.reply.size();
  for (const std::string& event : accepted.events) bytes += event.size() + 5;  // tag and length
  return bytes;
}

// Whether an entry of a trail is larger than its public format takes: the trail could never be
// exported again.
bool HasTooLargeLeaf(const eventstore::Accepted& accepted) {
  return std::ranges::any_of(accepted.events, [](const std::string& bytes) {
    log::v1::Event event;
    return bytes.size() > limits::kTrailEventBytesMax && event.ParseFromString(bytes) &&
           event.has_trail();
  });
}

// Where no act of another may be keyed in, naming somebody is wrong.
Refusals CheckTraits(const CommandTraits& traits, const Context& context) {
  Refusals refusals;
  refusals.If(context.IsTranscribed() && traits.keyed_in_for == CommandTraits::KeyedInFor::kNobody,
              Reason::ON_BEHALF_OF_INVALID, "header.on_behalf_of");
  return refusals;
}

}  // namespace

DomainApplication::DomainApplication() : commands_(AllCommands()) {
  RegisterAccessEvents(events_);
  RegisterCatalogueEvents(events_);
  RegisterCompanyEvents(events_);
  RegisterCorrectionEvents(events_);
  RegisterErasureEvents(events_);
  RegisterEvaluationEvents(events_);
  RegisterFeedbackEvents(events_);
  RegisterFollowUpEvents(events_);
  RegisterPlacementEvents(events_);
  RegisterRosterEvents(events_);
  RegisterSchoolEvents(events_);
  RegisterStayEvents(events_);
  RegisterTransferEvents(events_);
}

eventstore::Verdict DomainApplication::Decide(const eventstore::Command& command,
                                              const eventstore::Moment& moment,
                                              eventstore::StateView& view) const {
  const auto& request = static_cast<const Request&>(command);
  const Commands::Entry* entry = commands_.Find(request.command->GetDescriptor());
  if (entry == nullptr) return Deny(Reason::UNSUPPORTED);
  const Context context(request, moment);
  State state(view, events_, request.school_id);
  if (entry->traits.needs_school && state.School() == nullptr) return Deny(Reason::NOT_FOUND);

  // A teacher, tutor or signatory whose grants have all ended, or who has none, is nobody here.
  if (ScopeOf(context, state).IsNothing()) return Deny(Reason::NOT_FOUND);

  Refusals refusals = CheckTraits(entry->traits, context);
  Decision decision = entry->decide(*request.command, context, state);
  if (!decision) refusals.Merge(decision.error());
  if (refusals) return Deny(std::move(refusals));

  const bool dry_run = request.header->dry_run();
  eventstore::Accepted accepted{.events = decision->TakeEncoded(),
                                .reply = decision->Reply(dry_run)};
  if (RecordBytes(accepted) > limits::kRecordBytesMax || HasTooLargeLeaf(accepted) ||
      accepted.reply.size() > limits::kReplyBytesMax) {
    return Deny(Reason::RECORD_TOO_LARGE);
  }
  if (dry_run || accepted.events.empty()) {
    return eventstore::NothingToDo{.reply = std::move(accepted.reply)};
  }
  return accepted;
}

Result<void> DomainApplication::Evolve(const log::v1::Record& record,
                                       eventstore::StateEdit& edit) const {
  return EvolveRecord(events_, record, edit);
}

Result<std::unique_ptr<eventstore::Row>> DomainApplication::DecodeRow(
    std::string_view key, std::string_view bytes, eventstore::StateView& state) const {
  return DecodeStateRow(key, bytes, state);
}

uint32_t DomainApplication::EvolveVersion() const { return kEvolveVersion; }

}  // namespace jalon::domain
