#include "services/domain/subject.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "eventstore/base/hash.h"
#include "services/domain/reasons.h"

namespace jalon::domain {
namespace {

// 14 for a reason of R14. Reasons without a rule come after all of them.
int RuleOrder(const Violation& finding) {
  constexpr int kNoRule = 1000;
  const int number =
      RuleNumber(finding.rule.empty() ? OptionOf(finding.reason).rule() : finding.rule);
  return number == 0 ? kNoRule : number;
}

}  // namespace

std::string SubjectOf(std::string_view id) { return ToHex(id); }

std::string SubjectOf(std::string_view id, std::string_view activity) {
  return ToHex(id).append("/").append(activity);
}

void SortByRule(std::vector<Violation>* findings) {
  const auto order = [](const Violation& finding) {
    return std::tuple(RuleOrder(finding), finding.subjects, static_cast<int>(finding.reason),
                      finding.cause);
  };
  std::ranges::stable_sort(*findings, {}, order);
}

std::vector<FactRef> SortedFacts(std::vector<FactRef> facts) {
  const auto order = [](const FactRef& fact) { return std::pair(fact.seq, fact.index); };
  std::erase_if(facts, [](const FactRef& fact) { return fact.seq == 0; });
  std::ranges::sort(facts, {}, order);
  const auto rest = std::ranges::unique(facts, {}, order);
  facts.erase(rest.begin(), rest.end());
  return facts;
}

}  // namespace jalon::domain
