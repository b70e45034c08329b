#include "services/api/queries/hours_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "services/api/queries/facts.h"
#include "services/api/queries/rule_facts.h"
#include "services/domain/hours.h"
#include "services/domain/reason.h"
#include "services/domain/sequence_type.h"
#include "services/domain/subject.h"

namespace jalon::api {
namespace {

using domain::ModuleMinutes;
using domain::PolicyKey;
using domain::Reason;
using domain::Violation;
using progress::v1::HoursLedger;
using projections::StayRow;

constexpr uint32_t kMinutesPerHour = 60;

uint32_t Sum(const std::vector<ModuleMinutes>& shares) {
  uint32_t minutes = 0;
  for (const ModuleMinutes& share : shares) minutes += share.minutes;
  return minutes;
}

// The hours of one stay, or of all, by module.
struct ByModule {
  std::vector<ModuleMinutes> planned;
  std::vector<ModuleMinutes> taken;  // of the planned
  std::vector<ModuleMinutes> added;
  std::vector<ModuleMinutes> prescribed;  // within the planned
};

ByModule HoursOf(const StayRow& stay) {
  ByModule hours;
  if (stay.state == type::v1::STAY_STATE_CANCELLED) return hours;
  const auto outcomes = stay.Outcomes();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const projections::ActivityFacts& activity = stay.plan->activities[i];
    const projections::OutcomeFacts* outcome = outcomes[i];
    const auto kind = outcome == nullptr ? type::v1::OUTCOME_KIND_UNSPECIFIED : outcome->kind;
    const bool takes = domain::TakesHours(stay.state, kind);
    for (const projections::ModuleShare& share : activity.shares) {
      domain::AddMinutes(&hours.planned, share.module, share.minutes);
      if (takes) domain::AddMinutes(&hours.taken, share.module, share.minutes);
    }
  }
  for (const projections::AdditionFacts& addition : stay.additions) {
    for (const projections::ModuleShare& share : addition.shares) {
      domain::AddMinutes(&hours.added, share.module, share.minutes);
    }
  }
  for (const projections::ModuleShare& share : stay.plan->prescribed) {
    const uint32_t most = domain::MinutesOf(hours.planned, share.module);
    domain::AddMinutes(&hours.prescribed, share.module, std::min(share.minutes, most));
  }
  return hours;
}

void Join(std::vector<ModuleMinutes>* into, const std::vector<ModuleMinutes>& shares) {
  for (const ModuleMinutes& share : shares) {
    domain::AddMinutes(into, share.module, share.minutes);
  }
}

void ShowStay(const StayRow& stay, bool with_days, HoursLedger* ledger) {
  progress::v1::StayHours* shown = ledger->add_stays();
  shown->set_stay_id(stay.stay_id.Str());
  const ByModule hours = HoursOf(stay);
  shown->set_planned_minutes(Sum(hours.planned));
  if (domain::RulesOf(stay.type).inside_allotted_hours) {
    shown->set_taken_minutes(Sum(hours.taken));
  }
  shown->set_added_minutes(stay.AddedMinutes());
  shown->set_logged_minutes(stay.LoggedMinutes());
  shown->set_confirmed_minutes(stay.ConfirmedMinutes());
  shown->set_overrun(IsOverrun(stay));
  if (with_days) {
    for (const projections::DayFacts& day : stay.days) {
      progress::v1::LoggedDay* shown_day = shown->add_days();
      shown_day->set_worked_on(day.worked_on);
      shown_day->set_logged_minutes(day.logged_minutes);
      shown_day->set_confirmed_minutes(day.confirmed_minutes);
    }
  }
  std::vector<domain::FactRef> events{RefOf(stay.scheduled)};
  for (const auto& addition : stay.additions) events.push_back(RefOf(addition.granted));
  for (const auto& overrun : stay.overruns) events.push_back(RefOf(overrun.noted));
  for (const domain::FactRef& event : domain::SortedFacts(std::move(events))) {
    *shown->add_events() = domain::ToProto(event);
  }
}

// Notes say something and refuse nothing.
class Notes {
 public:
  explicit Notes(const LedgerRows& rows) : rows_(rows) {}

  void OfStay(const StayRow& stay) {
    const std::string subject = domain::SubjectOf(stay.stay_id.Str());
    if (IsOverrun(stay)) {
      std::vector<domain::FactRef> facts{RefOf(stay.scheduled)};
      if (!stay.overruns.empty()) facts.push_back(RefOf(stay.overruns.back().noted));
      Add(Reason::HOURS_OVERRUN, subject, "", std::move(facts));
    }
    if (stay.type == type::v1::SEQUENCE_TYPE_OBSERVATION ||
        stay.state == type::v1::STAY_STATE_CANCELLED) {
      return;
    }
    ++stays_;
    const bool ended = stay.state == type::v1::STAY_STATE_ENDED;
    const uint32_t minutes =
        ended ? stay.LoggedMinutes() : stay.PlannedMinutes() + stay.AddedMinutes();
    workplace_minutes_ += Sum(HoursOf(stay).taken) + stay.AddedMinutes();
    const uint64_t hours = rows_.policy.Number(PolicyKey::kTaxCreditHours);
    if (minutes < hours * kMinutesPerHour) {
      Add(Reason::TAX_CREDIT_HOURS_LOW, subject,
          fmt::format("{}_OF_{}_H", minutes / kMinutesPerHour, hours),
          {RefOf(stay.scheduled), RefOf(stay.ended),
           rows_.policy.Fact(PolicyKey::kTaxCreditHours)});
    }
  }

  void OfModule(const progress::v1::ModuleHours& module) {
    if (module.taken_minutes() <= module.allotted_minutes() + module.added_minutes()) return;
    std::vector<domain::FactRef> facts;
    for (const StayRow& stay : rows_.record.stays) {
      if (stay.programme_code == rows_.enrolment.programme.code &&
          domain::RulesOf(stay.type).inside_allotted_hours &&
          domain::MinutesOf(HoursOf(stay).taken, module.module()) > 0) {
        facts.push_back(RefOf(stay.scheduled));
      }
    }
    Add(Reason::MODULE_HOURS_EXCEEDED, module.module(), "", std::move(facts));
  }

  // What work-study asks of a whole programme.
  void OfProgramme(uint32_t allotted_minutes) {
    if (!rows_.enrolment.in_alternance) return;
    const std::string& subject = rows_.enrolment.programme.code;
    const uint64_t percent = rows_.policy.Number(PolicyKey::kWorkplaceSharePercent);
    if (uint64_t{workplace_minutes_} * 100 < uint64_t{allotted_minutes} * percent) {
      Add(Reason::WORKPLACE_SHARE_LOW, subject,
          fmt::format("{}_OF_{}_H", workplace_minutes_ / kMinutesPerHour,
                      allotted_minutes * percent / 100 / kMinutesPerHour),
          {rows_.policy.Fact(PolicyKey::kWorkplaceSharePercent)});
    }
    const uint64_t stays = rows_.policy.Number(PolicyKey::kWorkplaceStays);
    if (stays_ < stays) {
      Add(Reason::TOO_FEW_STAYS, subject, fmt::format("{}_OF_{}", stays_, stays),
          {rows_.policy.Fact(PolicyKey::kWorkplaceStays)});
    }
  }

  void Show(HoursLedger* ledger) && {
    domain::SortByRule(&notes_);
    for (const Violation& note : notes_) *ledger->add_notes() = domain::ToProto(note);
  }

 private:
  void Add(domain::RefusalReason reason, std::string subject, std::string cause,
           std::vector<domain::FactRef> facts) {
    notes_.push_back({.reason = reason,
                      .subjects = {std::move(subject)},
                      .cause = std::move(cause),
                      .facts = domain::SortedFacts(std::move(facts)),
                      .rule = {}});
  }

  const LedgerRows& rows_;
  std::vector<Violation> notes_;
  uint32_t workplace_minutes_ = 0;  // taken and added, in stays that are no observation
  uint64_t stays_ = 0;
};

}  // namespace

progress::v1::HoursLedger LedgerOf(const LedgerRows& rows) {
  HoursLedger ledger;
  ledger.set_student_id(rows.record.student_id.Str());
  ledger.set_programme_code(rows.enrolment.programme.code);
  Notes notes(rows);
  ByModule all;
  uint32_t logged = 0;
  for (const StayRow& stay : rows.record.stays) {
    if (stay.programme_code != rows.enrolment.programme.code) continue;
    ShowStay(stay, rows.with_days, &ledger);
    notes.OfStay(stay);
    if (!domain::RulesOf(stay.type).inside_allotted_hours) continue;
    const ByModule hours = HoursOf(stay);
    Join(&all.planned, hours.planned);
    Join(&all.taken, hours.taken);
    Join(&all.added, hours.added);
    Join(&all.prescribed, hours.prescribed);
    logged += stay.LoggedMinutes();
  }
  uint32_t allotted = 0;
  for (const auto& module : rows.programme.modules()) {
    allotted += module.hours() * kMinutesPerHour;
    if (!domain::Touches(all.planned, module.code())) continue;
    progress::v1::ModuleHours* shown = ledger.add_modules();
    shown->set_module(module.code());
    shown->set_allotted_minutes(module.hours() * kMinutesPerHour);
    shown->set_planned_minutes(domain::MinutesOf(all.planned, module.code()));
    shown->set_taken_minutes(domain::MinutesOf(all.taken, module.code()));
    shown->set_added_minutes(domain::MinutesOf(all.added, module.code()));
    shown->set_prescribed_minutes(domain::MinutesOf(all.prescribed, module.code()));
    shown->set_prescribed(module.prescribed());
    notes.OfModule(*shown);
  }
  ledger.set_allotted_minutes(allotted);
  ledger.set_planned_minutes(Sum(all.planned));
  ledger.set_taken_minutes(Sum(all.taken));
  ledger.set_logged_minutes(logged);
  ledger.set_added_minutes(Sum(all.added));
  ledger.set_prescribed_minutes(Sum(all.prescribed));
  notes.OfProgramme(allotted);
  std::move(notes).Show(&ledger);
  return ledger;
}

}  // namespace jalon::api
