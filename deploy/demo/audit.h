// The act that an auditor runs: a company's trail is exported and checked without server or
// network, a comment edited in a copy is named, and a checkpoint and a receipt that were kept
// expose an export that is short.
#pragma once

#include <cstdint>
#include <string>

#include "deploy/demo/crew.h"
#include "deploy/demo/jalon.h"
#include "deploy/demo/school.h"
#include "deploy/demo/screen.h"

namespace jalon::demo {

struct Audit {
  const Jalon& node;  // that holds the key which signs trails
  const School& school;
  const Cohort& cohort;      // of whose students the company's tutor reports
  size_t company = 0;        // of the school; has students of the cohort
  uint32_t observed_on = 0;  // in their stays
  uint32_t today_on = 0;
  std::string folder;  // for exports; is made
  Crew& crew;
  Screen& screen;
};

// Claims each thing that it shows.
void AuditATrail(const Audit& audit);

}  // namespace jalon::demo
