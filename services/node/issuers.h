// Whose transfers of students are believed here.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/trail/key.h"

namespace jalon::node {

// Whose transfers of students count beside the deployment's own: verifier keys, one a line, in
// files;

}  // namespace jalon::node
