#include "services/domain/local_date.h"

#include <fmt/format.h>

#include <chrono>

namespace jalon::domain {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;
using std::chrono::year_month_day;

year_month_day Split(LocalDate date) {
  return year_month_day(std::chrono::year(static_cast<int>(date / 10000)),
                        std::chrono::month(date / 100 % 100), std::chrono::day(date % 100));
}

LocalDate Join(year_month_day ymd) {
  return static_cast<uint32_t>(static_cast<int>(ymd.year())) * 10000 +
         static_cast<uint32_t>(ymd.month()) * 100 + static_cast<uint32_t>(ymd.day());
}

// M3.2.0 and M11.1.0 at 2:00 of the local time that ends there.
bool IsDaylightTime(Micros utc, std::chrono::year year) {
  using std::chrono::March, std::chrono::November, std::chrono::Sunday;
  const auto starts = sys_days(year / March / Sunday[2]).time_since_epoch() + hours(2 + 5);
  const auto ends = sys_days(year / November / Sunday[1]).time_since_epoch() + hours(2 + 4);
  return starts <= utc && utc < ends;
}

}  // namespace

LocalDate LocalDateOf(Micros utc) {
  const year_month_day standard(
      std::chrono::floor<days>(std::chrono::sys_time<Micros>(utc - hours(5))));
  const Micros offset = IsDaylightTime(utc, standard.year()) ? hours(4) : hours(5);
  return Join(
      year_month_day(std::chrono::floor<days>(std::chrono::sys_time<Micros>(utc - offset))));
}

bool IsDate(LocalDate date) { return date >= 19000101 && date <= 21001231 && Split(date).ok(); }

LocalDate AddDays(LocalDate date, int32_t count) {
  return Join(year_month_day(sys_days(Split(date)) + days(count)));
}

LocalDate AddMonths(LocalDate date, uint32_t months) {
  const year_month_day same = Split(date) + std::chrono::months(months);
  return Join(same.ok() ? same
                        : year_month_day(sys_days(same.year() / same.month() / std::chrono::last)));
}

int32_t DaysBetween(LocalDate from, LocalDate to) {
  return static_cast<int32_t>((sys_days(Split(to)) - sys_days(Split(from))).count());
}

std::string DateText(LocalDate date) {
  return fmt::format("{:04}-{:02}-{:02}", date / 10000, date / 100 % 100, date % 100);
}

}  // namespace jalon::domain
