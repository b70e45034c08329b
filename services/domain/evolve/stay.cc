// Events of StayService: what they leave in the student's row, and in the company's seats.
#include <algorithm>

#include "jalon/event/v1/stay_events.pb.h"
#include "services/domain/evolve/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

LoggedDay& EditDay(Stay& stay, uint32_t worked_on) {
  const auto place = std::ranges::lower_bound(stay.days, worked_on, {}, &LoggedDay::worked_on);
  if (place != stay.days.end() && place->worked_on == worked_on) return *place;
  return *stay.days.insert(place, {.worked_on = worked_on});
}

void Evolve(const event::v1::StayStarted&, const Event& event, Rows& rows) {
  Bytes company_id;
  uint32_t starts_on = 0;
  uint32_t ends_on = 0;
  ChangeStayByFact(event, rows, [&](Stay& stay) {
    stay.state = type::v1::STAY_STATE_STARTED;
    stay.started_on = event.occurred_on();
    stay.started = event.Ref();
    company_id = stay.company_id;
    starts_on = stay.starts_on;
    ends_on = stay.ends_on;
  });
  // R10: the seat was booked as planned; another day of the start takes one, too. Most start as
  // planned, and leave the company's row alone.
  if (company_id.empty()) return;
  if (event.occurred_on() < starts_on || ends_on < event.occurred_on()) {
    rows.Company(company_id).BookStart(starts_on, ends_on, event.occurred_on());
  }
}

void Evolve(const event::v1::StartDeviationRecorded& deviation, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    for (const int reason : deviation.missing()) {
      stay.start_lacked.push_back(static_cast<RefusalReason>(reason));
    }
    stay.deviation = event.Ref();
  });
}

void Evolve(const event::v1::HoursLogged& logged, const Event& event, Rows& rows) {
  ChangeStayByFact(event, rows, [&](Stay& stay) {
    LoggedDay& day = EditDay(stay, event.occurred_on());
    stay.logged_minutes += logged.minutes() - day.logged;
    day.logged = static_cast<uint16_t>(logged.minutes());
  });
}

void Evolve(const event::v1::HoursConfirmed& confirmed, const Event& event, Rows& rows) {
  ChangeStayByFact(event, rows, [&](Stay& stay) {
    EditDay(stay, event.occurred_on()).confirmed = static_cast<uint16_t>(confirmed.minutes());
  });
}

void Evolve(const event::v1::HoursOverrun&, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) { stay.overrun = event.Ref(); });
}

void Evolve(const event::v1::AdditionalHoursGranted& granted, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    for (const auto& share : granted.shares()) {
      AddMinutes(&stay.added, share.module(), share.minutes());
    }
  });
}

void Evolve(const event::v1::StayEnded& ended, const Event& event, Rows& rows) {
  Bytes company_id;
  uint32_t starts_on = 0;
  uint32_t ends_on = 0;
  uint32_t started_on = 0;
  ChangeStay(event, rows, [&](Stay& stay) {
    stay.state = type::v1::STAY_STATE_ENDED;
    stay.ended_on = ended.ended_on();
    stay.end_kind = ended.kind();
    stay.ended = event.Ref();
    company_id = stay.company_id;
    starts_on = stay.starts_on;
    ends_on = stay.ends_on;
    started_on = stay.started_on;
  });
  if (company_id.empty()) return;
  rows.Company(company_id).FreeAfter(starts_on, ends_on, started_on, ended.ended_on());
}

}  // namespace

void RegisterStayEvents(Events& events) {
  events.Add<event::v1::StayStarted>(Evolve);
  events.Add<event::v1::StartDeviationRecorded>(Evolve);
  events.Add<event::v1::HoursLogged>(Evolve);
  events.Add<event::v1::HoursConfirmed>(Evolve);
  events.Add<event::v1::HoursOverrun>(Evolve);
  events.Add<event::v1::AdditionalHoursGranted>(Evolve);
  events.Add<event::v1::StayEnded>(Evolve);
}

}  // namespace jalon::domain
