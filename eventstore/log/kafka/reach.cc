#include "eventstore/log/kafka/reach.h"

#include <algorithm>

namespace jalon::eventstore::kafka {
namespace {

constexpr std::chrono::milliseconds kWorthSparing{500};

}  // namespace

Result<void> Reach::Check(Partition partition) const {
  MutexLock lock(mutex_);
  if (nobody_) return std::unexpected(*nobody_);
  const auto silent = silent_.find(leaders_[partition.value]);
  if (silent != silent_.end()) return std::unexpected(silent->second);
  return {};
}

void Reach::Silent(Partition partition, const Error& why, Time began) {
  if (std::chrono::steady_clock::now() - began < kWorthSparing) return;
  MutexLock lock(mutex_);
  silent_.insert_or_assign(leaders_[partition.value], why);
  Tell();
}

void Reach::NobodyAnswers(const Error& why, uint64_t answers) {
  MutexLock lock(mutex_);
  if (answers_ != answers) return;
  nobody_ = why;
  Tell();
}

bool Reach::Lead(const std::vector<int32_t>& leaders) {
  MutexLock lock(mutex_);
  std::ranges::copy_n(leaders.begin(),
                      static_cast<std::ptrdiff_t>(std::min(leaders.size(), leaders_.size())),
                      leaders_.begin());
  const size_t left = std::erase_if(
      silent_, [this](const std::pair<const int32_t, Error>& silent) JALON_REQUIRES(mutex_) {
        return std::ranges::find(leaders_, silent.first) == leaders_.end();
      });
  const bool heard = nobody_.has_value();
  nobody_.reset();
  Tell();
  return heard || left > 0;
}

std::vector<Partition> Reach::ToAsk() const {
  MutexLock lock(mutex_);
  std::vector<Partition> asked;
  for (const auto& [leader, why] : silent_) {
    const auto led = std::ranges::find(leaders_, leader);
    if (leader == kNobody || led == leaders_.end()) continue;
    asked.push_back(Partition{static_cast<uint32_t>(led - leaders_.begin())});
  }
  return asked;
}

bool Reach::Answered(Partition partition) {
  ++answers_;
  if (!told_away_) return false;
  MutexLock lock(mutex_);
  const bool was_silent = silent_.erase(leaders_[partition.value]) > 0 || nobody_;
  nobody_.reset();
  Tell();
  return was_silent;
}

void Reach::Tell() {
  const bool away = nobody_.has_value() || !silent_.empty();
  if (away == told_away_) return;
  told_away_ = away;
  if (!changed_) return;
  changed_(!away ? std::nullopt : nobody_ ? nobody_ : std::optional(silent_.begin()->second));
}

}  // namespace jalon::eventstore::kafka
