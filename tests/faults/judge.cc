// Judges what clients were told against a log on Kafka, once nobody writes it any more. Knows
// nothing of who sent what.
//
// Usage: judge --log kafka://… --vault FOLDER --may-refuse REASON,… HISTORY...
// A history is a file as deploy/demo/history.h says, of one client. Prints the counts, and each
// fault on a line of its own; exits 1 if there is one, or if an outcome is unknown.
#include <fmt/format.h>

#include <sstream>

#include "tests/faults/judging.h"

namespace jalon::faults {
namespace {

int Main(int count, char** words) {
  std::string log;
  std::string vault;
  std::set<std::string> may_be_refused;
  std::vector<History> clients;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const std::string value = i + 1 < count ? words[i + 1] : "";
    if (word == "--log") {
      log = value;
    } else if (word == "--vault") {
      vault = value;
    } else if (word == "--may-refuse") {
      std::istringstream reasons(value);
      for (std::string reason; std::getline(reasons, reason, ',');) may_be_refused.insert(reason);
    } else {
      clients.push_back(demo::ReadHistory(word));
      continue;
    }
    ++i;
  }
  const Result<Judged> judged = JudgeKafka(log, vault, clients, std::move(may_be_refused));
  if (!judged) {
    fmt::print(stderr, "judge: {}\n", judged.error().message);
    return 1;
  }
  fmt::print("{}\n", CountsOf(*judged));
  for (const std::string& fault : judged->verdict.faults) fmt::print("{}\n", fault);
  const Verdict& verdict = judged->verdict;
  if (verdict.acked == 0) fmt::print("nothing was acknowledged\n");
  return verdict.faults.empty() && verdict.unknown == 0 && verdict.acked > 0 ? 0 : 1;
}

}  // namespace
}  // namespace jalon::faults

int main(int count, char** words) { return jalon::faults::Main(count, words); }
