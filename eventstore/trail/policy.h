// Whose word is needed for a checkpoint to count (C2SP tlog-policy): logs, witnesses, a quorum.
//
//     log <verifier key> [<url>]
//     witness <name> <verifier key> [<url>]
//     group <name> <number|any|all> <member>...
//     quorum <name|none>
//
// Thread safety: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/trail/flaw.h"
#include "eventstore/trail/key.h"

namespace jalon::trail {

// The specification asks for 32 of each.
inline constexpr size_t kPolicyNamesMax = 256;
inline constexpr size_t kPolicyBytesMax = size_t{256} * 1024;

// How far a witness's clock may be ahead of that of whoever reads its cosignature.
inline constexpr uint64_t kWitnessAheadMaxS = 300;

struct Policy {
  // A witness, or a group of what stands before it.
  struct Member {
    std::string name;
    size_t witness = 0;           // of `witnesses`, where it is no group
    size_t threshold = 0;         // how many of `members` are needed; 0: it is a witness
    std::vector<size_t> members;  // of `members` of the policy
  };

  std::vector<VerifierKey> logs;
  std::vector<VerifierKey> witnesses;
  std::vector<Member> members;
  size_t quorum = 0;  // of `members`; their number where none is needed

  bool NeedsWitnesses() const { return quorum < members.size(); }
  // Whether the witnesses that are true, by their place in `witnesses`, are enough.
  bool IsMetBy(const std::vector<bool>& witnessed) const;
};

// A policy, or the line (from 1) that is none of it, and why: kNoLastNewline; kPolicyKeyTwice,
// since a public key stands in it once, under whatever name; kPolicyKeyType: a key of a type that
// is not read here, whose word would never count; kPolicyControlCharacter, such as CR; kPolicyLine.
// kPolicyQuorum where there is not just one quorum.
struct PolicyFlaw {
  Flaw flaw = Flaw::kPolicyLine;
  size_t line = 0;
};
std::expected<Policy, PolicyFlaw> ParsePolicy(std::string_view bytes);

}  // namespace jalon::trail
