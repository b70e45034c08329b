#include "tests/faults/judging.h"

#include <fmt/format.h>

#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "services/node/kafka_address.h"

namespace jalon::faults {

Result<Judged> JudgeKafka(const std::string& log, const std::string& vault,
                          const std::vector<History>& clients,
                          std::set<std::string> may_be_refused) {
  JALON_ASSIGN_OR_RETURN(auto options, node::ReadKafkaAddress(log));
  options.unsafe_single_broker = true;
  JALON_ASSIGN_OR_RETURN(const auto opened, eventstore::KafkaLog::Open(std::move(options)));
  const SystemClock clock;
  JALON_ASSIGN_OR_RETURN(const auto keys, eventstore::OpenEmbeddedVault(
                                              {vault + "/keys", vault + "/root.key"}, clock));
  Judged judged;
  judged.partitions = opened->birth().partition_count;
  JALON_ASSIGN_OR_RETURN(judged.left, ReadLog(*opened, opened->birth(), *keys));
  judged.verdict =
      Check(clients, judged.left.held,
            {.served_by = ServedBy::kSeveral, .may_be_refused = std::move(may_be_refused)});
  if (judged.left.sealed.shut > 0) {
    judged.verdict.faults.push_back(
        fmt::format("{} sealed sections have no key", judged.left.sealed.shut));
  }
  return judged;
}

std::string CountsOf(const Judged& judged) {
  const Verdict& verdict = judged.verdict;
  return fmt::format(
      "{} acknowledged, {} refused, {} unknown, {} lost, {} doubled; {} answers to questions; {} "
      "claims, {} void records, {} sealed sections",
      verdict.acked, verdict.refused, verdict.unknown, verdict.lost, verdict.doubled, verdict.reads,
      judged.left.claims, judged.left.voids.size(), judged.left.sealed.sections);
}

}  // namespace jalon::faults
