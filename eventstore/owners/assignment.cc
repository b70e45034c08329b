#include "eventstore/owners/assignment.h"

#include "eventstore/base/hash.h"

namespace jalon::eventstore {

std::string ShouldOwn(Partition partition, std::span<const std::string> names) {
  std::string number;
  for (int shift = 0; shift < 32; shift += 8) {
    number += static_cast<char>(partition.value >> shift & 0xff);
  }
  std::string best;
  Hash highest{};
  for (const std::string& name : names) {
    const Hash weight = Sha256({number, name});
    if (!best.empty() && weight <= highest) continue;
    highest = weight;
    best = name;
  }
  return best;
}

}  // namespace jalon::eventstore
