// The act that an auditor runs: a company's trail is exported and checked without the server, an
// entry edited in a copy is named, and a checkpoint that was kept exposes an export that is short.
#pragma once

#include <functional>
#include <string>

#include "deploy/demo/jalon.h"
#include "deploy/demo/school.h"
#include "deploy/demo/screen.h"
#include "jalon/type/v1/position.pb.h"

namespace jalon::demo {

struct Audit {
  const Jalon& node;  // that holds the key which signs trails
  const School& school;
  const Company& company;
  std::string folder;  // for exports; is made
  // The company's tutor reports so many times more; the last position.
  std::function<type::v1::Position(size_t reports)> report;
  Screen& screen;
};

// Claims each thing that it shows.
void AuditATrail(const Audit& audit);

}  // namespace jalon::demo
