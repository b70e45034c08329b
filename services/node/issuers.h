// Whose transfers of students are believed here.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/trail/key.h"

namespace jalon::node {

// Whose transfers of students count beside the deployment's own: verifier keys, one a line, in
// files; an empty line or one that begins with # says nothing. FAILED_PRECONDITION
// TRANSFER_ISSUERS_INVALID, with the file and the line.
Result<std::vector<trail::VerifierKey>> ReadIssuers(const std::vector<std::string>& files);

}  // namespace jalon::node
