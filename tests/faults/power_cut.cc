#include "tests/faults/power_cut.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace jalon::faults {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

void GoDark() {
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

eventstore::testing::Ending RunUntilCut(const PowerCut& cut, FaultCounts* counts,
                                        const std::function<std::string(FaultyDisk&)>& body) {
  return eventstore::testing::RunInChild([&] {
    const std::string before = ReadAll(cut.witness);
    const auto at_cut = [&] {
      if (cut.witness_is_old) std::ofstream(cut.witness, std::ios::binary) << before;
      GoDark();
    };
    FaultyDisk disk({.seed = cut.seed,
                     .cut_at = cut.at,
                     .loss = cut.loss,
                     .never_synced = cut.never_synced,
                     .sync_max = cut.sync_max,
                     .at_cut = at_cut},
                    counts);
    return body(disk);
  });
}

}  // namespace jalon::faults
