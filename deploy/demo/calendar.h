// Local dates as numbers (20260901) and days between them.
#pragma once

#include <chrono>
#include <cstdint>

namespace jalon::demo {

// The date `days` after `on`; both yyyymmdd.
inline uint32_t DaysAfter(uint32_t on, int days) {
  using std::chrono::day, std::chrono::month, std::chrono::sys_days, std::chrono::year,
      std::chrono::year_month_day;
  const year_month_day date{year(static_cast<int>(on / 10000)), month(on / 100 % 100),
                            day(on % 100)};
  const year_month_day later{sys_days(date) + std::chrono::days(days)};
  return static_cast<uint32_t>(static_cast<int>(later.year())) * 10000 +
         static_cast<unsigned>(later.month()) * 100 + static_cast<unsigned>(later.day());
}

// The first Monday on or after `on`.
inline uint32_t MondayFrom(uint32_t on) {
  using std::chrono::day, std::chrono::month, std::chrono::sys_days, std::chrono::weekday,
      std::chrono::year, std::chrono::year_month_day;
  const year_month_day date{year(static_cast<int>(on / 10000)), month(on / 100 % 100),
                            day(on % 100)};
  const unsigned weekday_number = weekday(sys_days(date)).iso_encoding();
  return DaysAfter(on, static_cast<int>((8 - weekday_number) % 7));
}

}  // namespace jalon::demo
