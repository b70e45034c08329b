#include "services/domain/refusals.h"

#include <algorithm>
#include <tuple>

#include "services/domain/event_type.h"
#include "services/domain/reasons.h"

namespace jalon::domain {
namespace {

void Join(auto& into, const auto& more) {
  for (const auto& item : more) {
    if (std::ranges::find(into, item) == into.end()) into.push_back(item);
  }
}

// R1 to R23 by number; then what no rule of the source stands behind.
int RuleOrder(const Violation& violation) {
  const int number =
      RuleNumber(violation.rule.empty() ? OptionOf(violation.reason).rule() : violation.rule);
  return number == 0 ? 1000 : number;
}

}  // namespace

Refusals& Refusals::Add(Violation violation) {
  for (Violation& known : violations_) {
    if (known.reason != violation.reason || known.cause != violation.cause ||
        known.rule != violation.rule) {
      continue;
    }
    Join(known.subjects, violation.subjects);
    Join(known.facts, violation.facts);
    return *this;
  }
  violations_.push_back(std::move(violation));
  return *this;
}

void Refusals::Merge(const Refusals& other) {
  for (const Violation& violation : other.violations_) Add(violation);
}

bool Refusals::Has(RefusalReason reason) const {
  return std::ranges::find(violations_, reason, &Violation::reason) != violations_.end();
}

std::vector<Violation> Refusals::Sorted() const {
  std::vector<Violation> sorted = violations_;
  std::ranges::stable_sort(sorted, [](const Violation& a, const Violation& b) {
    return std::tuple(RuleOrder(a), static_cast<int>(a.reason), a.cause) <
           std::tuple(RuleOrder(b), static_cast<int>(b.reason), b.cause);
  });
  return sorted;
}

type::v1::EventRef ToProto(const FactRef& fact) {
  type::v1::EventRef event;
  event.set_seq(fact.seq);
  event.set_index(fact.index);
  event.set_type(std::string(EventName(fact.type)));
  event.set_occurred_on(fact.occurred_on);
  event.set_recorded_at(fact.recorded_at);
  return event;
}

refusal::v1::Refusal ToProto(const Violation& violation) {
  refusal::v1::Refusal proto;
  proto.set_reason(violation.reason);
  proto.set_rule(violation.rule);
  proto.set_cause(violation.cause);
  for (const std::string& subject : violation.subjects) proto.add_subjects(subject);
  for (const FactRef& fact : violation.facts) {
    if (fact.seq != 0) *proto.add_events() = ToProto(fact);
  }
  return proto;
}

}  // namespace jalon::domain
