#include "eventstore/trail/origin.h"

#include <fmt/format.h>

#include <algorithm>

#include "eventstore/base/hash.h"
#include "eventstore/trail/checkpoint.h"

namespace jalon::trail {
namespace {

constexpr size_t kDeploymentBytes = 16;

bool IsLowerHex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 &&
         text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

std::string TrailOrigin(std::string_view deployment, std::string_view tenant,
                        std::string_view trail, uint32_t generation) {
  return fmt::format("{}/{}/{}/{}", ToHex(deployment), ToHex(tenant), ToHex(trail), generation);
}

std::string ReceiptsOrigin(std::string_view deployment, uint32_t partition, uint32_t generation) {
  return fmt::format("{}/receipts/{}/{}", ToHex(deployment), partition, generation);
}

std::string RootOrigin(std::string_view deployment, uint32_t generation) {
  return fmt::format("{}/root/{}", ToHex(deployment), generation);
}

std::optional<NamedTrail> TrailNamedBy(std::string_view origin) {
  const auto take = [&origin] {  // what stands before the next slash
    const size_t slash = std::min(origin.find('/'), origin.size());
    const std::string_view part = origin.substr(0, slash);
    origin.remove_prefix(std::min(slash + 1, origin.size()));
    return part;
  };
  const std::string_view deployment = take();
  const NamedTrail named{.tenant = take(), .trail = take()};
  const auto generation = ParseDecimal(origin);
  if (deployment.size() != 2 * kDeploymentBytes || !generation || *generation == 0 ||
      !IsLowerHex(deployment) || !IsLowerHex(named.tenant) || !IsLowerHex(named.trail)) {
    return std::nullopt;
  }
  return named;
}

}  // namespace jalon::trail
