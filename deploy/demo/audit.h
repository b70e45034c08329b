// The act that an auditor runs: a company's trail is exported and checked without server or
// network, an entry edited in a copy is named, and a checkpoint and a receipt that were kept expose
// an export that is short.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "deploy/demo/jalon.h"
#include "deploy/demo/school.h"
#include "deploy/demo/screen.h"
#include "jalon/trail/v1/receipt.pb.h"
#include "jalon/type/v1/position.pb.h"

namespace jalon::demo {

struct Reported {
  type::v1::Position last;
  // What the commands brought; none where the server that took them does not sign.
  std::vector<trail::v1::Receipt> receipts;
};

struct Audit {
  const Jalon& node;  // that holds the key which signs trails
  const School& school;
  const Company& company;
  std::string folder;  // for exports; is made
  bool is_published = false;  // exports at that node come with a proof of the root log
  // The company's tutor reports so many times more.
  std::function<Reported(size_t reports)> report;
  Screen& screen;
};

// Claims each thing that it shows.
void AuditATrail(const Audit& audit);

}  // namespace jalon::demo
