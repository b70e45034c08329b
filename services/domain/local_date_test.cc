#include "services/domain/local_date.h"

#include <gtest/gtest.h>

namespace jalon::domain {
namespace {

// UTC as a civil time.
Micros At(int year, unsigned month, unsigned day, int hour, int minute = 0, int second = 0) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day))
             .time_since_epoch() +
         std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

TEST(LocalDate, IsTorontosAndNotUtcs) {
  EXPECT_EQ(LocalDateOf(At(2026, 1, 15, 4, 59, 59)), 20260114u);
  EXPECT_EQ(LocalDateOf(At(2026, 1, 15, 5)), 20260115u);
  EXPECT_EQ(LocalDateOf(At(2026, 7, 1, 3, 59, 59)), 20260630u);
  EXPECT_EQ(LocalDateOf(At(2026, 7, 1, 4)), 20260701u);
}

TEST(LocalDate, FollowsDaylightTimeOnItsFirstAndLastDay) {
  // 2026-03-08 02:00 EST is 07:00 UTC: that evening midnight comes at 04:00 UTC.
  EXPECT_EQ(LocalDateOf(At(2026, 3, 8, 4, 59)), 20260307u);
  EXPECT_EQ(LocalDateOf(At(2026, 3, 8, 5)), 20260308u);
  EXPECT_EQ(LocalDateOf(At(2026, 3, 9, 3, 59)), 20260308u);
  EXPECT_EQ(LocalDateOf(At(2026, 3, 9, 4)), 20260309u);
  // 2026-11-01 02:00 EDT is 06:00 UTC: that evening midnight comes at 05:00 UTC.
  EXPECT_EQ(LocalDateOf(At(2026, 11, 1, 3, 59)), 20261031u);
  EXPECT_EQ(LocalDateOf(At(2026, 11, 1, 4)), 20261101u);
  EXPECT_EQ(LocalDateOf(At(2026, 11, 2, 4, 59)), 20261101u);
  EXPECT_EQ(LocalDateOf(At(2026, 11, 2, 5)), 20261102u);
}

TEST(LocalDate, TurnsTheYearInToronto) {
  EXPECT_EQ(LocalDateOf(At(2027, 1, 1, 4, 59)), 20261231u);
  EXPECT_EQ(LocalDateOf(At(2027, 1, 1, 5)), 20270101u);
}

TEST(LocalDate, NeverGoesBackAsTimeGoesOn) {
  LocalDate last = 0;
  for (Micros at = At(2024, 1, 1, 0); at < At(2029, 1, 1, 0); at += std::chrono::minutes(37)) {
    const LocalDate date = LocalDateOf(at);
    ASSERT_TRUE(IsDate(date));
    ASSERT_TRUE(date == last || last == 0 || date == AddDays(last, 1));
    last = date;
  }
}

TEST(LocalDate, KnowsWhichDaysExist) {
  EXPECT_TRUE(IsDate(20240229));
  EXPECT_FALSE(IsDate(20260229));
  EXPECT_FALSE(IsDate(20261301));
  EXPECT_FALSE(IsDate(20260431));
  EXPECT_FALSE(IsDate(0));
  EXPECT_FALSE(IsDate(18991231));
}

TEST(LocalDate, AddsDaysAndMonths) {
  EXPECT_EQ(AddDays(20260228, 1), 20260301u);
  EXPECT_EQ(AddDays(20260101, -1), 20251231u);
  EXPECT_EQ(AddMonths(20260131, 1), 20260228u);
  EXPECT_EQ(AddMonths(20260915, 12), 20270915u);
  EXPECT_EQ(AddMonths(20261130, 3), 20270228u);
  EXPECT_EQ(DaysBetween(20260101, 20270101), 365);
  EXPECT_EQ(DaysBetween(20260103, 20260101), -2);
  EXPECT_EQ(DateText(20260901), "2026-09-01");
}

}  // namespace
}  // namespace jalon::domain
