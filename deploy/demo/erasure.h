// The act at the end of retention: two coordinators erase a student, nothing sealed is read any
// more, and the trail of the company is as valid as before.
#pragma once

#include <functional>
#include <string>

#include "deploy/demo/jalon.h"
#include "deploy/demo/school.h"
#include "deploy/demo/screen.h"

namespace jalon::demo {

struct Erasure {
  const Jalon& node;  // that holds the key which signs trails
  const School& school;
  const Student& student;  // whose stay is over
  std::string folder;      // for exports
  // Moves the clock of all servers to a day.
  std::function<bool(uint32_t on)> advance;
  uint32_t today_on = 0;
  Screen& screen;
};

// Claims each thing that it shows.
void EraseAStudent(const Erasure& erasure);

}  // namespace jalon::demo
