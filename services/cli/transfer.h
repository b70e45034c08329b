// Moving between schools: what another one is told, what it tells, and the keys of both.
#pragma once

#include "services/cli/field.h"

namespace jalon::cli {

// jalon school transfer-key
Verb TransferKeyVerb();
// jalon person export-transfer, import-transfer
Verb ExportTransferVerb();
Verb ImportTransferVerb();
// jalon student prior-result, close
Verb PriorResultVerb();
Verb CloseEnrolmentVerb();

}  // namespace jalon::cli
