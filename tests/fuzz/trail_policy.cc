// Keys and policies, which people paste: a key has one spelling, a quorum names what is there.
#include "eventstore/trail/policy.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/trail_seeds.h"

namespace jalon::fuzz {

void Run(std::string_view input) {
  if (const auto key = trail::ParseVerifierKey(input)) {
    JALON_CHECK(trail::FormatVerifierKey(*key) == input);
  }
  if (const auto key = trail::SignerKey::Parse(input)) JALON_CHECK(key->Format() == input);
  if (const auto policy = trail::ParsePolicy(input)) {
    JALON_CHECK(policy->quorum <= policy->members.size());
    JALON_CHECK(!policy->NeedsWitnesses() ||
                !policy->IsMetBy(std::vector<bool>(policy->witnesses.size())));
    JALON_CHECK(policy->IsMetBy(std::vector<bool>(policy->witnesses.size(), true)));
  }
}

std::vector<std::string> Seeds() {
  const std::string log = trail::FormatVerifierKey(LogKey().verifier());
  const std::string witness = trail::FormatVerifierKey(WitnessKey().verifier());
  return {log, witness, LogKey().Format(),
          "log " + log + " https://audit.example/\nwitness w1 " + witness +
              "\ngroup g any w1\nquorum g\n"};
}

}  // namespace jalon::fuzz
