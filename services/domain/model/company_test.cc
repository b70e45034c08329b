#include "services/domain/model/company.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "services/domain/limits.h"
#include "services/domain/local_date.h"

namespace jalon::domain {
namespace {

constexpr LocalDate kFirst = 20260825;
constexpr int32_t kDays = 40;

HostingCapacity Seats(LocalDate from_on, LocalDate until_on, uint32_t seats) {
  HostingCapacity capacity;
  capacity.from_on = from_on;
  capacity.until_on = until_on;
  capacity.seats = seats;
  return capacity;
}

TEST(Company, IsFullOnTheDayOnWhichTheLastSeatIsTaken) {
  CompanyState company;
  company.capacities = {Seats(20260901, 20260930, 2)};
  company.Book(20260901, 20260910, 1);
  EXPECT_EQ(company.FirstFullDay(20260901, 20260930), 0u);
  company.Book(20260908, 20260920, 1);
  EXPECT_EQ(company.FirstFullDay(20260901, 20260930), 20260908u);
  EXPECT_EQ(company.FirstFullDay(20260911, 20260930), 0u);
  EXPECT_EQ(company.FirstFullDay(20260830, 20260907), 0u);
}

TEST(Company, GivesASeatBackWhenAStayEndsEarly) {
  CompanyState company;
  company.capacities = {Seats(20260901, 20260930, 1)};
  company.Book(20260901, 20260920, 1);
  company.Book(20260911, 20260920, -1);
  EXPECT_EQ(company.FirstFullDay(20260901, 20260930), 20260901u);
  EXPECT_EQ(company.FirstFullDay(20260911, 20260930), 0u);
  company.Book(20260901, 20260910, -1);
  EXPECT_TRUE(company.occupancy.empty());
}

TEST(Company, TakesASeatOnTheDaysOfAStartThatWereNotPlanned) {
  CompanyState company;
  company.capacities = {Seats(20260901, 20261231, 1)};
  company.Book(20261102, 20261127, 1);
  EXPECT_EQ(company.FirstFullDayOfStart(20261102, 20261127, 20260908), 0u);
  EXPECT_EQ(company.FirstFullDayOfStart(20261102, 20261127, 20261110), 0u) << "that day is booked";
  company.BookStart(20261102, 20261127, 20260908);
  EXPECT_EQ(company.FirstFullDay(20260901, 20260907), 0u);
  EXPECT_EQ(company.FirstFullDay(20260901, 20260930), 20260908u);
  company.FreeAfter(20261102, 20261127, 20260908, 20260911);
  EXPECT_EQ(company.FirstFullDay(20260912, 20261231), 0u);
  EXPECT_EQ(company.FirstFullDay(20260901, 20260930), 20260908u) << "gone by, as it was";
}

TEST(Company, AStartAfterThePlannedDaysLooksAtItsOwn) {
  CompanyState company;
  company.capacities = {Seats(20260901, 20261231, 1)};
  company.Book(20260901, 20260904, 1);
  company.Book(20260907, 20260911, 1);
  EXPECT_EQ(company.FirstFullDayOfStart(20260901, 20260904, 20260907), 20260907u);
  EXPECT_EQ(company.FirstFullDayOfStart(20260901, 20260904, 20260914), 0u);
  company.BookStart(20260901, 20260904, 20260914);
  EXPECT_EQ(company.FirstFullDay(20260912, 20261231), 20260914u);
  company.FreeAfter(20260901, 20260904, 20260914, 20260914);
  EXPECT_EQ(company.FirstFullDay(20260914, 20260914), 20260914u);
}

Attestation Attested(uint32_t version, LocalDate attested_on, LocalDate valid_until_on) {
  Attestation attestation;
  attestation.sequence_id = "FREINS";
  attestation.sequence_version = version;
  attestation.attested_on = attested_on;
  attestation.valid_until_on = valid_until_on;
  return attestation;
}

TEST(Company, KeepsAnAttestationBesideItsRenewalButNotOneThatTheNewCovers) {
  CompanyState company;
  company.Attest(Attested(1, 20260901, 20270901));
  company.Attest(Attested(1, 20261001, 20271001));
  EXPECT_EQ(company.attestations.size(), 2u);
  company.Attest(Attested(2, 20260801, 20280801));
  EXPECT_EQ(company.attestations.size(), 3u);  // of another version
  company.Attest(Attested(1, 20260801, 20280801));
  EXPECT_EQ(company.attestations.size(), 2u);
}

TEST(Company, ForgetsOverItsLimitTheAttestationThatExpiresFirst) {
  CompanyState company;
  for (uint32_t version = 1; version <= limits::kAttestationsKept; ++version) {
    company.Attest(Attested(version, 20260901, version == 7 ? 20270801 : 20270901));
  }
  company.Attest(Attested(1'000, 20260701, 20270701));
  EXPECT_EQ(company.attestations.size(), limits::kAttestationsKept);
  EXPECT_EQ(company.attestations.back().sequence_version, 1'000u);
  EXPECT_EQ(std::ranges::count(company.attestations, 7u, &Attestation::sequence_version), 0);
}

TEST(Company, CountsTheLastDeclarationOfADay) {
  CompanyState company;
  company.capacities = {Seats(20260901, 20261231, 0), Seats(20260915, 20260920, 3)};
  EXPECT_EQ(company.CapacityOn(20260914)->seats, 0u);
  EXPECT_EQ(company.CapacityOn(20260915)->seats, 3u);
  EXPECT_EQ(company.CapacityOn(20260101), nullptr);
  EXPECT_EQ(company.FirstFullDay(20260915, 20260920), 0u);
  EXPECT_EQ(company.FirstFullDay(20260915, 20260921), 20260921u);
}

// Day by day and stay by stay, without any cleverness.
struct NaiveCompany {
  struct Booked {
    LocalDate from_on, until_on;
    int32_t students;
  };
  std::vector<Booked> booked;
  std::vector<HostingCapacity> capacities;

  LocalDate FirstFullDay(LocalDate from_on, LocalDate until_on) const {
    for (LocalDate day = from_on; day <= until_on; day = AddDays(day, 1)) {
      int32_t here = 0;
      for (const Booked& stay : booked) {
        if (stay.from_on <= day && day <= stay.until_on) here += stay.students;
      }
      const HostingCapacity* counts = nullptr;
      for (const HostingCapacity& capacity : capacities) {
        if (capacity.Covers(day)) counts = &capacity;
      }
      if (counts != nullptr && here >= static_cast<int32_t>(counts->seats)) return day;
    }
    return 0;
  }
};

TEST(Company, AgreesWithCountingEachDay) {
  std::mt19937 random(11);
  const auto day = [&](LocalDate from) {
    return AddDays(from, static_cast<int32_t>(random() % kDays));
  };
  for (int round = 0; round < 300; ++round) {
    CompanyState company;
    NaiveCompany naive;
    for (int step = 0; step < 12; ++step) {
      const LocalDate from_on = day(kFirst);
      const LocalDate until_on = day(from_on);
      if (random() % 3 == 0) {
        company.capacities.push_back(Seats(from_on, until_on, random() % 4));
        naive.capacities = company.capacities;
      } else {
        company.Book(from_on, until_on, 1);
        naive.booked.push_back({from_on, until_on, 1});
      }
      const LocalDate asked = day(kFirst);
      const LocalDate until = day(asked);
      ASSERT_EQ(company.FirstFullDay(asked, until), naive.FirstFullDay(asked, until))
          << "round " << round << " step " << step;
    }
  }
}

}  // namespace
}  // namespace jalon::domain
