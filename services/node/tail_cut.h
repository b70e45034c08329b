// What `jalon log repair` does: cuts the half-written end of a stopped server's log.
#pragma once

#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "services/cli/wiring.h"

namespace jalon::node {

// Asks every witness of the data folder first: the log's own, the checkpoints in state/ and those
// in views/. A folder that is not there has seen nothing. One of these two that is damaged is asked
// as far as it can be read, and the cut says so: it is a fold of the log, and may be deleted. Of
// state/ that is each partition by itself; views/ opens only if all of it can be asked. One that
// cannot be opened for another reason might have seen more, and is an error. Fails as
// eventstore::RepairCutTail does (repair.h), also if a witness stands behind the damage; then, and
// with `dry_run`, the log is as it was. FAILED_PRECONDITION DATA_IN_USE if a server runs on the
// folder.
Result<cli::TailCut> CutTail(const std::string& data, bool dry_run, const Clock& clock);

}  // namespace jalon::node
