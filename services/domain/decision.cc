#include "services/domain/decision.h"

#include <fmt/format.h>

#include "eventstore/base/limits.h"
#include "jalon/type/v1/actor.pb.h"

namespace jalon::domain {
namespace {

// Of the entries that a reply names; receipts go with no more of them.
constexpr uint32_t kReceiptPlacesMax = 32;

}  // namespace

void EventList::AddPayload(const Aggregate& aggregate, const EventType& type, std::string payload,
                           const About& about) {
  const auto known = versions_.try_emplace({aggregate.kind, aggregate.id}, aggregate.version).first;
  log::v1::Event event;
  event.set_tenant(context_->school_id());
  event.set_type(type.number);
  event.set_aggregate_kind(static_cast<uint32_t>(aggregate.kind));
  event.set_aggregate(aggregate.id);
  event.set_version(++known->second);
  event.set_subject(about.subject);
  event.set_occurred_on(context_->OrToday(about.occurred_on));
  event.set_payload(std::move(payload));
  if (about.by_system) {
    event.mutable_actor()->set_origin(static_cast<uint32_t>(type::v1::ORIGIN_SYSTEM));
  } else if (type.trail && context_->IsActOfCompany()) {
    JALON_CHECK(!about.company_id.empty());
    const auto size =
        trail_sizes_.try_emplace(about.company_id, state_->TrailSize(about.company_id)).first;
    *event.mutable_actor() = context_->actor();
    log::v1::TrailEntry& leaf = *event.mutable_trail();
    leaf.set_key(about.company_id);
    leaf.set_index(size->second++);
    leaf.set_recorded_at(context_->now().count());
    if (leaves_++ < kReceiptPlacesMax) {
      trail::v1::Receipt& place = *result_.add_receipts();
      place.set_company_id(about.company_id);
      place.set_index(leaf.index());
    }
  }
  encoded_.push_back(event.SerializeAsString());
}

void EventList::Created(type::v1::AggregateKind kind, const Bytes& id, std::string label,
                        const Bytes& person_id) {
  command::v1::CreatedId& created = *result_.add_created();
  created.set_kind(kind);
  created.set_id(id);
  created.set_label(std::move(label));
  created.set_person_id(person_id);
  if (in_row_) created.set_row(row_);
}

void EventList::Warn(Violation violation) {
  command::v1::Warning& warning = *result_.add_warnings();
  *warning.mutable_notice() = ToProto(violation);
  if (in_row_) warning.set_row(row_);
}

void EventList::BeginRow(uint32_t row) {
  row_ = row;
  in_row_ = true;
}

void EventList::AcceptRow() { result_.set_accepted_rows(result_.accepted_rows() + 1); }

void EventList::RefuseRow(const Refusals& refusals) {
  command::v1::RefusedRow& refused = *result_.add_refused_rows();
  refused.set_row(row_);
  for (const Violation& violation : refusals.Sorted()) *refused.add_refusals() = ToProto(violation);
}

std::string EventList::Reply(bool dry_run) const {
  command::v1::CommandResult result = result_;
  result.set_dry_run(dry_run);
  if (dry_run) {
    result.clear_receipts();
  } else {
    result.set_trail_entries(leaves_);
  }
  // Which row is refused why must always fit; what more is said of it gives way step by step.
  for (int step = 0; step < 3 && result.ByteSizeLong() > limits::kReplyBytesMax; ++step) {
    const auto shorten = [step](refusal::v1::Refusal* refusal) {
      if (step == 0) refusal->clear_events();
      if (step == 1 && refusal->subjects_size() > 1) {
        refusal->mutable_subjects()->DeleteSubrange(1, refusal->subjects_size() - 1);
      }
      if (step == 2) refusal->clear_subjects();
    };
    for (auto& warning : *result.mutable_warnings()) shorten(warning.mutable_notice());
    for (auto& row : *result.mutable_refused_rows()) {
      for (auto& refusal : *row.mutable_refusals()) shorten(&refusal);
    }
  }
  // At last warnings themselves: a command that is accepted is never too large to be answered.
  while (result.ByteSizeLong() > limits::kReplyBytesMax && result.warnings_size() > 0) {
    const int kept = result.warnings_size() / 2;
    result.mutable_warnings()->DeleteSubrange(kept, result.warnings_size() - kept);
  }
  return result.SerializeAsString();
}

void RowTurns::End(uint32_t row, const Refusals& refusals) {
  if (refusals) {
    JALON_CHECK(events_.encoded().size() == applied_);
    events_.RefuseRow(refusals);
    for (Violation violation : refusals.Sorted()) {
      for (std::string& subject : violation.subjects)
        subject = fmt::format("rows[{}] {}", row, subject);
      if (violation.subjects.empty()) violation.subjects = {fmt::format("rows[{}]", row)};
      refused_.Add(std::move(violation));
    }
    return;
  }
  events_.AcceptRow();
  if (rows_are_ == RowsAre::kIndependent) return;
  for (size_t i = applied_; i < events_.encoded().size(); ++i) {
    state_.Apply(events_.encoded()[i], context_.actor(),
                 {.seq = context_.seq().value,
                  .index = static_cast<uint32_t>(i),
                  .recorded_at = context_.now().count()});
  }
}

Decision RowTurns::Finish() && {
  if (refused_ && (events_.accepted_rows() == 0 || context_.header().all_or_nothing())) {
    return Refuse(std::move(refused_));
  }
  return std::move(events_);
}

}  // namespace jalon::domain
