#include "eventstore/trail/origin.h"

#include <fmt/format.h>

#include "eventstore/base/hash.h"

namespace jalon::trail {

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

}  // namespace jalon::trail
