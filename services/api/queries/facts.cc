#include "services/api/queries/facts.h"

namespace jalon::api {

void ShowActor(const Bytes& actor, type::v1::Actor* shown) {
  if (!shown->ParseFromString(actor)) shown->Clear();
}

domain::SchoolState PolicyStateOf(const projections::SchoolRow& school) {
  domain::SchoolState state;
  state.code = school.code;
  state.registered = RefOf(school.registered);
  state.policy.reserve(school.policy.size());
  for (const projections::PolicyFacts& entry : school.policy) {
    state.policy.push_back({.key = entry.key,
                            .effective_on = entry.effective_on,
                            .policy_version = entry.policy_version,
                            .setting = entry.setting,
                            .fact = RefOf(entry.set)});
  }
  return state;
}

std::vector<domain::ModuleMinutes> MinutesOf(const std::vector<projections::ModuleShare>& shares) {
  std::vector<domain::ModuleMinutes> minutes;
  minutes.reserve(shares.size());
  for (const projections::ModuleShare& share : shares) {
    minutes.push_back({.module = share.module, .minutes = share.minutes});
  }
  return minutes;
}

}  // namespace jalon::api
