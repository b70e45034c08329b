#include "eventstore/signer/origin.h"

#include <fmt/format.h>

#include "eventstore/base/hash.h"

namespace jalon::eventstore {

std::string TrailOrigin(std::string_view deployment, std::string_view tenant,
                        std::string_view trail, uint32_t generation) {
  return fmt::format("{}/{}/{}/{}", ToHex(deployment), ToHex(tenant), ToHex(trail), generation);
}

}  // namespace jalon::eventstore
