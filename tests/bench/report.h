// One line a result, name<TAB>value<TAB>unit, on standard output; words, also of goals that are
// missed, on standard error.
#pragma once

#include <algorithm>
#include <cstdio>
#include <vector>

namespace jalon::bench {

// What a benchmark ends with that measured well and missed a goal.
inline constexpr int kGoalMissed = 3;

inline void Report(const char* name, double value, const char* unit) {
  std::printf("%s\t%.3f\t%s\n", name, value, unit);
  std::fflush(stdout);
}

struct Goal {
  bool at_least;  // else: at most
  double value;
};
inline constexpr Goal AtLeast(double value) { return {true, value}; }
inline constexpr Goal AtMost(double value) { return {false, value}; }

// False if the goal is missed, which is said.
[[nodiscard]] inline bool Report(const char* name, double value, const char* unit, Goal goal) {
  Report(name, value, unit);
  const bool met = goal.at_least ? value >= goal.value : value <= goal.value;
  if (!met) {
    std::fprintf(stderr, "missed: %s is %.3f; the goal is at %s %.3f\n", name, value,
                 goal.at_least ? "least" : "most", goal.value);
  }
  return met;
}

inline double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace jalon::bench
