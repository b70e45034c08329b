#include "services/domain/retention.h"

#include <algorithm>
#include <string>
#include <vector>

#include "services/domain/policy.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

constexpr uint32_t kMonthsPerYear = 12;

// Looks through a state for the fact of the latest day: an archive that keeps nothing else.
class LatestFact {
 public:
  template <typename... Ts>
  void operator()(const Ts&... values) {
    (See(values), ...);
  }
  const FactRef& fact() const { return fact_; }

 private:
  void See(const FactRef& fact) {
    if (fact.seq != 0 && fact.occurred_on >= fact_.occurred_on) fact_ = fact;
  }
  template <typename T>
  void See(const std::vector<T>& values) {
    for (const T& value : values) See(value);
  }
  template <typename T>
    requires HasFields<T, LatestFact>
  void See(const T& value) {
    const_cast<T&>(value).Fields(*this);  // this archive only reads what it is given
  }
  template <typename T>
  void See(const T&) {}

  FactRef fact_;
};

// A stay that is running, or is to come.
bool IsOpenOn(const Stay& stay, LocalDate today) {
  return stay.IsStarted() || (stay.IsPlanned() && stay.ends_on >= today);
}

// What was to last longer than any fact says: a stay that was planned and never began, a role.
LocalDate LastPlannedDay(const HeldPerson& held) {
  LocalDate last = 0;
  if (held.student != nullptr) {
    for (const Shared<Stay>& stay : held.student->stays) {
      if (stay->IsPlanned()) last = std::max(last, stay->ends_on);
    }
  }
  if (held.person != nullptr) {
    for (const Grant& grant : held.person->grants) {
      if (!grant.IsRevoked()) last = std::max(last, grant.expires_on);
    }
  }
  return last;
}

void CheckNoOpenDuty(const HeldPerson& held, LocalDate today, Refusals& refusals) {
  if (held.student != nullptr) {
    for (const Shared<Stay>& stay : held.student->stays) {
      if (!IsOpenOn(*stay, today)) continue;
      refusals.Add(Reason::OPEN_DUTY, SubjectOf(stay->id), {stay->scheduled, stay->started});
    }
  }
  if (held.person != nullptr) {
    for (const Grant& grant : held.person->grants) {
      if (!grant.HoldsOn(today)) continue;
      refusals.Add(Reason::OPEN_DUTY, SubjectOf(grant.grant_id), {grant.fact});
    }
  }
}

}  // namespace

HeldPerson FindHeldPerson(std::string_view person_id, State& state) {
  return {.student = state.Student(person_id),
          .person = state.Person(person_id),
          .erasure = state.Find<ErasureState>(person_id)};
}

FactRef LastFactOf(const HeldPerson& held) {
  LatestFact latest;
  if (held.student != nullptr) latest(*held.student);
  if (held.person != nullptr) latest(*held.person);
  return latest.fact();
}

LocalDate KeptUntil(const HeldPerson& held, const SchoolState& school, LocalDate today) {
  const Policy policy(school, today);
  const auto years = static_cast<uint32_t>(policy.Number(PolicyKey::kRetentionYears));
  const LocalDate last = std::max(LastFactOf(held).occurred_on, LastPlannedDay(held));
  return AddMonths(last, kMonthsPerYear * years);
}

void CheckErasable(const HeldPerson& held, const Context& context, const SchoolState& school,
                   Refusals& refusals) {
  const LocalDate today = context.today();
  const LocalDate kept_until = KeptUntil(held, school, today);
  if (today <= kept_until) {
    const Policy policy(school, today);
    refusals.Add(Reason::RETENTION_NOT_REACHED, DateText(kept_until),
                 {LastFactOf(held), policy.Fact(PolicyKey::kRetentionYears)});
  }
  if (held.erasure != nullptr && held.erasure->IsHeld()) {
    refusals.Add(Violation{.reason = Reason::LEGAL_HOLD, .facts = {held.erasure->hold}});
  }
  CheckNoOpenDuty(held, today, refusals);
}

}  // namespace jalon::domain
