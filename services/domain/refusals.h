// Every reason that fails, at once: what a refused command is told.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/writer/application.h"
#include "jalon/refusal/v1/refusal.pb.h"
#include "jalon/type/v1/position.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/reason.h"

namespace jalon::domain {

// One reason with all that it concerns. A warning and a note have the same form.
struct Violation {
  RefusalReason reason = refusal::v1::REFUSAL_REASON_UNSPECIFIED;
  std::vector<std::string> subjects = {};  // codes, ids as lower-case hex, or paths of fields
  std::string cause = {};                  // which of several, such as "NOT_STARTED"
  std::vector<FactRef> facts = {};         // the events it was computed from
  std::string rule = {};                   // "R4" where the reason's rule depends on the command

  bool operator==(const Violation&) const = default;
};

class Refusals {
 public:
  // Reasons are kept once each per cause: another subject or fact of the same one joins it.
  Refusals& Add(Violation violation);
  Refusals& Add(RefusalReason reason) { return Add(Violation{.reason = reason}); }
  Refusals& Add(RefusalReason reason, std::string subject,
                std::initializer_list<FactRef> facts = {}) {
    return Add(Violation{.reason = reason, .subjects = {std::move(subject)}, .facts = facts});
  }

  // refusals.If(sat_from > sat_to, Reason::DATES_INVERTED);
  template <typename... About>
  void If(bool fails, RefusalReason reason, About&&... about) {
    if (fails) Add(reason, std::forward<About>(about)...);
  }
  template <typename... About>
  void Unless(bool holds, RefusalReason reason, About&&... about) {
    If(!holds, reason, std::forward<About>(about)...);
  }

  void If(bool fails, RefusalReason reason, std::string subject,
          std::initializer_list<FactRef> facts) {
    if (fails) Add(reason, std::move(subject), facts);
  }
  void Unless(bool holds, RefusalReason reason, std::string subject,
              std::initializer_list<FactRef> facts) {
    If(!holds, reason, std::move(subject), facts);
  }

  void Merge(const Refusals& other);
  bool Has(RefusalReason reason) const;
  explicit operator bool() const { return !violations_.empty(); }
  // In the order of the rules, the source's first; then of the reasons.
  std::vector<Violation> Sorted() const;

 private:
  std::vector<Violation> violations_;
};

// What the writer carries back to the door.
class Denied final : public eventstore::Refusal {
 public:
  explicit Denied(Refusals refusals) : refusals_(std::move(refusals)) {}
  const Refusals& refusals() const { return refusals_; }

 private:
  Refusals refusals_;
};

// The event as answers cite it, by name.
type::v1::EventRef ToProto(const FactRef& fact);

// The violation as it is stored and sent: reason, rule where it is not the reason's own, subjects,
// cause, events. The words and what the reason's option says are added by Explain (explain.h), in
// the language of whoever reads it.
refusal::v1::Refusal ToProto(const Violation& violation);

}  // namespace jalon::domain
