#include "services/node/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace jalon::node {

bool ForbidCoreDumps() {
  const rlimit none{};
  return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

}  // namespace jalon::node
