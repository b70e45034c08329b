#include "eventstore/vault/served/leases.h"

namespace jalon::eventstore::served {

void NodeLeases::Forget(Micros now) {
  std::erase_if(served_, [&](const auto& node) { return node.second + kHeldMax <= now; });
  std::erase_if(waiting_, [&](const auto& person) { return person.second.until <= now; });
}

void NodeLeases::InTerm(uint64_t term) {
  const Micros now = clock_.Monotonic();
  MutexLock lock(mutex_);
  if (term <= term_) return;  // they only grow: a caller of before is late
  term_ = term;
  began_ = now;
  waiting_.clear();
}

void NodeLeases::Served(const std::string& node) {
  const Micros now = clock_.Monotonic();
  MutexLock lock(mutex_);
  served_[node] = now;
}

void NodeLeases::Destroyed(const std::vector<PersonName>& persons) {
  const Micros now = clock_.Monotonic();
  MutexLock lock(mutex_);
  Forget(now);
  for (const PersonName& person : persons) {
    Waiting& waiting = waiting_[person];
    waiting.until = now + kHeldMax;
    for (const auto& [node, at] : served_) waiting.nodes.insert(node);
  }
}

void NodeLeases::Confirmed(const std::string& node, const std::vector<PersonName>& persons) {
  MutexLock lock(mutex_);
  for (const PersonName& person : persons) {
    const auto waiting = waiting_.find(person);
    if (waiting != waiting_.end()) waiting->second.nodes.erase(node);
  }
}

void NodeLeases::Show(const PersonName& person, Micros destroyed_at, KeyErasure* erasure) {
  const Micros now = clock_.Monotonic();
  const Micros wall = clock_.Wall();
  MutexLock lock(mutex_);
  Forget(now);
  const auto waiting = waiting_.find(person);
  if (waiting != waiting_.end()) {
    erasure->unconfirmed.assign(waiting->second.nodes.begin(), waiting->second.nodes.end());
    if (!waiting->second.nodes.empty()) erasure->dropped_by = wall + (waiting->second.until - now);
  } else if (now < began_ + kHeldMax && wall < destroyed_at + kClocksApartMax) {
    // Before this one began, and by a clock that may be another machine's: it says nothing of when.
    erasure->dropped_by = wall + (began_ + kHeldMax - now);
  }
}

}  // namespace jalon::eventstore::served
