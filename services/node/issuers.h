// Whose transfers of students are believed here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/trail/key.h"

namespace jalon::node {

// Whose transfers of students count beside the deployment's own (its genesis id, 16 bytes):
// verifier keys, one a line, in files; an empty line or one that begins with # says nothing. Each
// is named after its deployment, and none after this one, whose keys the log says.
// FAILED_PRECONDITION TRANSFER_ISSUERS_INVALID, with the file and the line.
Result<std::vector<trail::VerifierKey>> ReadIssuers(const std::vector<std::string>& files,
                                                    std::string_view deployment);

}  // namespace jalon::node
