// One line a result, name<TAB>value<TAB>unit, on standard output; words on standard error.
#pragma once

#include <algorithm>
#include <cstdio>
#include <vector>

namespace jalon::bench {

inline void Report(const char* name, double value, const char* unit) {
  std::printf("%s\t%.3f\t%s\n", name, value, unit);
  std::fflush(stdout);
}

inline double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace jalon::bench
