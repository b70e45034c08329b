#include "services/node/scales.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/log/partition.h"
#include "projections/views/catalogue_rows.h"
#include "projections/views/school_catalogue.h"
#include "services/domain/policy.h"

namespace jalon::node {
namespace {

using school::v1::PolicySetting;

std::vector<std::string> WordsOf(const PolicySetting& setting) {
  return {setting.words().words().begin(), setting.words().words().end()};
}

}  // namespace

bool Scales::Has(const Bytes& school_id, uint32_t policy_version, std::string_view word) {
  {
    MutexLock lock(mutex_);
    const auto found = kept_.find({school_id, policy_version});
    if (found != kept_.end()) return std::ranges::find(found->second, word) != found->second.end();
  }
  std::optional<Words> words = Read(school_id, policy_version);
  if (!words) return false;
  const bool has = std::ranges::find(*words, word) != words->end();
  MutexLock lock(mutex_);
  if (kept_.size() >= kKeptMax) kept_.clear();
  kept_.insert_or_assign({school_id, policy_version}, std::move(*words));
  return has;
}

std::optional<Scales::Words> Scales::Read(const Bytes& school_id, uint32_t policy_version) const {
  const domain::PolicyRow& row = domain::RowOf(domain::PolicyKey::kEstimateScale);
  if (policy_version == 0) return WordsOf(domain::DefaultSetting(row));
  const auto reader =
      views_.Read(eventstore::PartitionOf(ToHex(school_id), partition_count_), school_id);
  if (!reader) return std::nullopt;
  const auto school = (*reader)->Find<projections::SchoolRow>(projections::kSchoolCatalogue,
                                                              projections::SchoolKey());
  if (!school || !*school) return std::nullopt;
  for (const projections::PolicyFacts& set : (*school)->policy) {
    PolicySetting setting;
    if (set.key != row.name || set.policy_version != policy_version) continue;
    if (setting.ParseFromString(set.setting)) return WordsOf(setting);
  }
  return std::nullopt;
}

}  // namespace jalon::node
