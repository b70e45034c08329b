// The act at the end of retention: two coordinators erase a student, nothing sealed is read any
// more, no key that is left opens it, and what an auditor kept of the company's trail still holds.
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

struct Thief {
  std::string program;  // tests/faults/thief
  std::string data;     // the folder of a server that has ended
  std::string school_code;
};

// The thief tries every key that is left on all that was sealed of the student who was erased, and,
// so that its word counts, on another one's of the school.
void TryTheKeys(const Thief& thief, const std::string& erased_id, const std::string& other_id,
                Screen& screen);

}  // namespace jalon::demo
