// A region of 20,000 students in started stays, and the requests that the command benchmarks send
// there.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "deploy/demo/founding.h"
#include "deploy/demo/jalon.h"
#include "deploy/demo/school.h"
#include "tests/bench/load.h"

namespace jalon::bench {

struct Region {
  std::vector<demo::School> schools;
  std::vector<std::string> tokens;  // one per company's tutor, then one per coordinator
  uint32_t today_on = 0;
  uint64_t now_ms = 0;  // the server's clock, which is virtual
};

inline constexpr uint32_t kActivities = 20;

// Both on a server that runs with a virtual clock. Empty `schools` if something failed; the reason
// is on stderr.
// Schools, companies and published sequences, and as many students as `founding` says, enrolled;
// its date is the server's.
Region Found(demo::Jalon& jalon, demo::Founding founding);
// The same with that many students in all, each in a started stay. More than three schools lie in a
// partition each. Says how far it is.
Region Prepare(demo::Jalon& jalon, uint32_t students, uint32_t schools = 3);

// Makes requests, drawing students uniformly.
class Requests {
 public:
  Requests(const Region& region, uint32_t seed);

  enum class Mix { kHalfAndHalf, kOutcomes, kEstimates, kProgress };
  // Indices into the `methods` of Methods(). A completed activity is first-time: each is drawn
  // once.
  std::vector<Call> Make(Mix mix, size_t count);
  static std::vector<std::string> Methods();

 private:
  struct Place {
    const demo::Student* student;
    const demo::Cohort* cohort;
    uint32_t tutor_token;
    uint32_t school_token;
  };
  Call Outcome();
  Call Estimate();
  Call Progress();

  const Region& region_;
  std::mt19937 random_;
  std::vector<Place> places_;
  std::vector<uint32_t> undone_;  // place * kActivities + activity, shuffled: taken from the back
};

}  // namespace jalon::bench
