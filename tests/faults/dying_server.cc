// `jalon serve`, which kills itself with SIGKILL when a rebuild of views is ingested and not yet
// swapped in. Takes the same arguments.
#include <signal.h>
#include <unistd.h>

#include "tests/faults/altered_server.h"

int main(int count, char** words) {
  return jalon::faults::ServeAltered(count, words, [](jalon::node::Config& config) {
    config.rebuild_ingested = [] { kill(getpid(), SIGKILL); };
  });
}
