// Local dates of Québec's schools: yyyymmdd numbers in America/Toronto, compared as numbers.
//
// The time zone is its rule and no database: EST5EDT, daylight time from the second Sunday of March
// to the first Sunday of November at 2:00 local time, as in force since 2007. Every date that the
// system computes from a clock is later than that.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/base/clock.h"

namespace jalon::domain {

using LocalDate = uint32_t;  // yyyymmdd; 0: none

// The date in Toronto at that moment.
LocalDate LocalDateOf(Micros utc);

// yyyymmdd names a day of the Gregorian calendar, years 1900 to 2100.
bool IsDate(LocalDate date);

// The day that many days later (or earlier). REQUIRES: IsDate(date).
LocalDate AddDays(LocalDate date, int32_t days);

// The same day that many months later, or the last day of that month where it has no such day.
// REQUIRES: IsDate(date).
LocalDate AddMonths(LocalDate date, uint32_t months);

// Days from `from` to `to`; negative if `to` is earlier. REQUIRES: both are dates.
int32_t DaysBetween(LocalDate from, LocalDate to);

// "2026-09-01".
std::string DateText(LocalDate date);

}  // namespace jalon::domain
