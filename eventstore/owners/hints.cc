#include "eventstore/owners/hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "eventstore/owners/assignment.h"

namespace jalon::eventstore {
namespace {

// So many heartbeats of another run: one that was on its way when this node started is none.
constexpr uint64_t kStrangersMax = 3;
constexpr size_t kMembersMax = 1024;
// Nodes may have a new name at each start: one that is silent for so long is forgotten.
constexpr std::chrono::minutes kForgottenAfter{1};
constexpr Partition kNoPartition{UINT32_MAX};  // what one node does is hashed as if it were one

}  // namespace

Hints::Hints(HintsOptions options, Board& board, const Clock& clock)
    : options_(std::move(options)),
      board_(board),
      clock_(clock),
      wanted_(options_.partition_count),
      mine_since_(options_.partition_count),
      owners_(options_.partition_count),
      should_own_(options_.partition_count) {}

Result<void> Hints::Step(const NodeStanding& standing) {
  const Micros now = clock_.Monotonic();
  if (!began_) began_ = now;
  Post(standing, now);
  const Result<void> read = Read(now);
  if (!read && read.error().code != Code::kUnavailable) return read;
  Judge(standing, now);
  if (!read || !IsSilent(now)) return read;
  return Fail(Code::kUnavailable, "BOARD_SILENT",
              "what this node tells the others does not come back: it claims nothing until it "
              "does; see that the brokers are there and let it write to the topic of owners");
}

bool Hints::IsSilent(Micros now) const {
  return now - (first_heard_ ? heard_at_ : *began_) >= options_.dead_after;
}

void Hints::Post(const NodeStanding& standing, Micros now) {
  if (now < post_at_) return;
  post_at_ = now + options_.heartbeat;
  node::v1::Heartbeat heartbeat;
  heartbeat.set_node(options_.node);
  heartbeat.set_address(options_.address);
  heartbeat.set_run(options_.run);
  heartbeat.set_number(posted_++);
  heartbeat.set_takes_partitions(standing.takes_partitions);
  heartbeat.set_relays(standing.relays);
  heartbeat.set_signs(standing.signs);
  heartbeat.set_leaving(standing.leaving);
  for (uint32_t p = 0; p < standing.owned.size(); ++p) {
    if (!standing.owned[p]) continue;
    node::v1::Ownership& owned = *heartbeat.add_owned();
    owned.set_partition(p);
    owned.set_epoch(standing.owned[p]->value);
  }
  // One that is not taken is as one that is lost: the next one follows.
  (void)board_.Post(options_.node, heartbeat.SerializeAsString());
}

Result<void> Hints::Read(Micros now) {
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> posts, board_.Poll());
  for (const std::string& post : posts) {
    node::v1::Heartbeat heartbeat;
    // A newer node may say more; what is none of these at all is no node of ours.
    if (!heartbeat.ParseFromString(post) || heartbeat.node().empty()) continue;
    JALON_RETURN_IF_ERROR(Hear(std::move(heartbeat), now));
  }
  return {};
}

Result<void> Hints::Hear(node::v1::Heartbeat heartbeat, Micros now) {
  const bool named_so = heartbeat.node() == options_.node;
  const bool one_is_alone = options_.address.empty() || heartbeat.address().empty();
  if (named_so && heartbeat.run() == options_.run) {
    heard_at_ = now;
    if (!first_heard_) first_heard_ = now;
  } else if (named_so || one_is_alone) {
    JALON_RETURN_IF_ERROR(HearStranger(heartbeat, now));
    if (named_so) return {};
  }
  MutexLock lock(mutex_);
  if (!named_so && !heard_.contains(heartbeat.node()) && heard_.size() >= kMembersMax) return {};
  Heard& heard = heard_[heartbeat.node()];
  if (heard.last.run() != heartbeat.run()) {
    // It owns nothing that it does not say: what it owned before its start, it knows no more.
    heard.dead_until = 0;
    for (std::optional<Owner>& owner : owners_) {
      if (owner && owner->member.node == heartbeat.node()) owner.reset();
    }
  }
  heard.at = now;
  for (const node::v1::Ownership& owned : heartbeat.owned()) {
    if (owned.partition() >= owners_.size()) continue;
    std::optional<Owner>& owner = owners_[owned.partition()];
    if (owner && owner->epoch.value > owned.epoch()) continue;
    owner = Owner{{heartbeat.node(), heartbeat.address()}, Epoch{owned.epoch()}};
  }
  heard.last = std::move(heartbeat);
  return {};
}

// One that ends, or ended a moment ago, is none. Of two who may not both be there, the younger
// ends.
Result<void> Hints::HearStranger(const node::v1::Heartbeat& heartbeat, Micros now) {
  if (heartbeat.leaving()) return {};
  if (now - stranger_at_ >= options_.dead_after) strangers_ = 0;
  stranger_at_ = now;
  if (++strangers_ < kStrangersMax || heartbeat.number() < posted_) return {};
  if (heartbeat.node() == options_.node) {
    return Fail(Code::kFailedPrecondition, "NODE_NAME_TAKEN",
                fmt::format("another node is called {} ({}): give each certificates of its own "
                            "name",
                            options_.node, heartbeat.address()));
  }
  return Fail(Code::kFailedPrecondition, "NODE_NOT_ALONE",
              fmt::format("node {} lives on this log too ({}): end it, or start each with "
                          "--certificates and --peer-listen",
                          heartbeat.node(),
                          heartbeat.address().empty() ? "without peers" : heartbeat.address()));
}

void Hints::ForgetGone(Micros now) {
  std::erase_if(heard_, [&](const auto& member) {
    return member.first != options_.node && now - member.second.at >= kForgottenAfter;
  });
}

bool Hints::Lives(const Heard& heard) const {
  return now_ - heard.at < options_.dead_after && heard.last.number() >= heard.dead_until;
}

std::vector<std::string> Hints::Those(bool self_does, bool leaving,
                                      bool (node::v1::Heartbeat::*does)() const) const {
  std::vector<std::string> names;
  for (const auto& [name, heard] : heard_) {
    const bool in = name == options_.node
                        ? self_does && !leaving
                        : (heard.last.*does)() && !heard.last.leaving() && Lives(heard);
    if (in) names.push_back(name);
  }
  return names;
}

void Hints::FindTakers(const NodeStanding& standing) {
  const std::vector<std::string> relays =
      Those(standing.relays, standing.leaving, &node::v1::Heartbeat::relays);
  // Who ends last tells what was decided last.
  if (!relays.empty()) should_relay_ = ShouldOwn(kNoPartition, relays);
  std::vector<std::string> takers =
      Those(standing.takes_partitions, standing.leaving, &node::v1::Heartbeat::takes_partitions);
  if (takers == takers_) return;
  takers_ = std::move(takers);
  for (uint32_t p = 0; p < should_own_.size(); ++p) {
    should_own_[p] = ShouldOwn(Partition{p}, takers_);
  }
}

// At once, unless somebody else owns it and goes on.
bool Hints::MayClaim(uint32_t partition, Micros now) const {
  const std::optional<Owner>& owner = owners_[partition];
  if (!owner || owner->member.node == options_.node) return true;
  const auto heard = heard_.find(owner->member.node);
  if (heard == heard_.end() || heard->second.last.leaving() || !Lives(heard->second)) return true;
  return now - *mine_since_[partition] >= options_.grace;
}

void Hints::Judge(const NodeStanding& standing, Micros now) {
  MutexLock lock(mutex_);
  silent_ = IsSilent(now);
  // Who just came has heard nobody yet; who does not hear itself hears nobody.
  if (silent_ || !first_heard_ || now - *first_heard_ < options_.heartbeat) return;
  now_ = now;
  ForgetGone(now);
  FindTakers(standing);
  for (uint32_t p = 0; p < options_.partition_count; ++p) {
    if (should_own_[p] != options_.node) {
      mine_since_[p].reset();
      wanted_[p] = false;
      continue;
    }
    if (!mine_since_[p]) mine_since_[p] = now;
    wanted_[p] = wanted_[p] || MayClaim(p, now);
  }
}

std::optional<Member> Hints::RouteOf(Partition partition) const {
  MutexLock lock(mutex_);
  const std::optional<Owner>& owner = owners_[partition.value];
  if (owner) {
    const auto heard = heard_.find(owner->member.node);
    if (heard != heard_.end() && Lives(heard->second)) return owner->member;
  }
  const auto heard = heard_.find(should_own_[partition.value]);
  if (heard == heard_.end()) return std::nullopt;
  return Member{heard->first, heard->second.last.address()};
}

bool Hints::ShouldRelay() const {
  MutexLock lock(mutex_);
  return should_relay_.empty() || should_relay_ == options_.node;
}

std::optional<Member> Hints::Signer() const {
  MutexLock lock(mutex_);
  const Heard* signer = nullptr;
  for (const auto& [name, heard] : heard_) {
    if (name == options_.node || !heard.last.signs() || !Lives(heard)) continue;
    if (signer == nullptr || signer->at < heard.at) signer = &heard;
  }
  if (signer == nullptr) return std::nullopt;
  return Member{signer->last.node(), signer->last.address()};
}

bool Hints::HasOtherTaker() const {
  MutexLock lock(mutex_);
  if (silent_) return false;
  return std::ranges::any_of(takers_, [this](const auto& name) { return name != options_.node; });
}

void Hints::Refused(const std::string& node) {
  constexpr uint64_t kHeardAgain = 2;  // one may have been on its way
  MutexLock lock(mutex_);
  const auto heard = heard_.find(node);
  if (heard == heard_.end()) return;
  heard->second.dead_until = heard->second.last.number() + kHeardAgain;
}

void Hints::Told(Partition partition, const Member& owner, Epoch epoch) {
  MutexLock lock(mutex_);
  if (partition.value >= owners_.size()) return;
  std::optional<Owner>& known = owners_[partition.value];
  if (!known || known->epoch.value < epoch.value) known = Owner{owner, epoch};
}

}  // namespace jalon::eventstore
