// What `jalon log verify` does, by the server or, while none runs, without it.
#pragma once

#include <functional>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "jalon/admin/v1/admin_service.pb.h"

namespace jalon::node {

// Is told how far it is; false ends it.
using CheckReport = std::function<bool(const admin::v1::VerifyLogResponse&)>;

// Reads every entry and, of an embedded log, which is null elsewhere, every file. The last report
// has what was found.
Result<void> CheckLog(eventstore::Log& log, const eventstore::RocksLog* embedded,
                      const CheckReport& report);

// The same for the log of a data folder whose server does not run, and cannot start meanwhile;
// changes nothing in the log. False, and nothing was done, if one runs.
Result<bool> CheckStoppedLog(const std::string& data, const CheckReport& report);

}  // namespace jalon::node
