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

// What stands before the next slash, which is taken away.
std::string_view Take(std::string_view* origin) {
  const size_t slash = std::min(origin->find('/'), origin->size());
  const std::string_view part = origin->substr(0, slash);
  origin->remove_prefix(std::min(slash + 1, origin->size()));
  return part;
}

bool IsGeneration(std::string_view text) {
  const auto number = ParseDecimal(text);
  return number && *number != 0;
}

bool IsDeployment(std::string_view text) {
  return text.size() == 2 * kDeploymentBytes && IsLowerHex(text);
}

// A root's, or a receipts log's.
bool NamesNoTrail(std::string_view origin) {
  if (!IsDeployment(Take(&origin))) return false;
  const std::string_view kind = Take(&origin);
  if (kind == "receipts" && !ParseDecimal(Take(&origin))) return false;
  return (kind == "receipts" || kind == "root") && IsGeneration(origin);
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
  const std::string_view deployment = Take(&origin);
  const NamedTrail named{.tenant = Take(&origin), .trail = Take(&origin)};
  if (!IsDeployment(deployment) || !IsGeneration(origin) || !IsLowerHex(named.tenant) ||
      !IsLowerHex(named.trail)) {
    return std::nullopt;
  }
  return named;
}

std::optional<NamedGeneration> GenerationNamedBy(std::string_view origin) {
  if (!TrailNamedBy(origin) && !NamesNoTrail(origin)) return std::nullopt;
  const size_t slash = origin.rfind('/');
  return NamedGeneration{.log = origin.substr(0, slash),
                         .generation = *ParseDecimal(origin.substr(slash + 1))};
}

bool IsSameLog(std::string_view origin, std::string_view other) {
  if (origin == other) return true;
  const auto one = GenerationNamedBy(origin);
  const auto two = GenerationNamedBy(other);
  return one && two && one->log == two->log;
}

std::optional<std::string> RootOf(std::string_view trail) {
  if (!TrailNamedBy(trail)) return std::nullopt;
  return fmt::format("{}/root/{}", trail.substr(0, trail.find('/')),
                     trail.substr(trail.rfind('/') + 1));
}

}  // namespace jalon::trail
