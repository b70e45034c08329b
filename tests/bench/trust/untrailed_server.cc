// `jalon serve`, which folds no trails: what trails and receipts cost is measured against it. Takes
// the same arguments.
#include "tests/faults/altered_server.h"

int main(int count, char** words) {
  return jalon::faults::ServeAltered(count, words, [](jalon::node::Config& config) {
    config.make_views = jalon::projections::MakeViewsWithoutTrails;
  });
}
