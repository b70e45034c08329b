#include "eventstore/trail/policy.h"

#include <algorithm>
#include <optional>
#include <span>

#include "eventstore/trail/checkpoint.h"

namespace jalon::trail {
namespace {

using Words = std::vector<std::string_view>;

Words WordsOf(std::string_view line) {
  static constexpr std::string_view kBlank = " \t";
  Words words;
  for (size_t at = line.find_first_not_of(kBlank); at != line.npos;
       at = line.find_first_not_of(kBlank, at)) {
    const size_t end = std::min(line.find_first_of(kBlank, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

bool IsAllowed(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

class Reader {
 public:
  // Why the line is none of a policy; none: it is.
  std::optional<Flaw> Read(std::string_view line) {
    if (!std::ranges::all_of(line, IsAllowed)) return Flaw::kPolicyControlCharacter;
    key_flaw_ = Flaw::kPolicyLine;
    if (ReadWords(WordsOf(line))) return std::nullopt;
    return key_flaw_;
  }

  bool has_quorum() const { return quorum_.has_value(); }

  Policy Take() {
    policy_.quorum = quorum_->empty() ? policy_.members.size() : *Find(*quorum_);
    return std::move(policy_);
  }

 private:
  bool ReadWords(const Words& words) {
    if (words.empty() || words[0].starts_with('#')) return true;
    if (policy_.members.size() + policy_.logs.size() >= kPolicyNamesMax) return false;
    if (words[0] == "log") return ReadLog(words);
    if (words[0] == "witness") return ReadWitness(words);
    if (words[0] == "group") return ReadGroup(words);
    return words[0] == "quorum" && ReadQuorum(words);
  }

  // A key of that type which is in no line before it, under whatever name.
  std::optional<VerifierKey> ReadKey(std::string_view text, KeyType type,
                                     std::span<const VerifierKey> before) {
    auto key = ParseVerifierKey(text);
    if (!key && IsVerifierKeyOfOtherType(text)) key_flaw_ = Flaw::kPolicyKeyType;
    if (!key || key->type != type) return std::nullopt;
    if (std::ranges::find(before, key->key, &VerifierKey::key) != before.end()) {
      key_flaw_ = Flaw::kPolicyKeyTwice;
      return std::nullopt;
    }
    return *std::move(key);
  }

  std::optional<size_t> Find(std::string_view name) const {
    const auto found = std::ranges::find(policy_.members, name, &Policy::Member::name);
    if (found == policy_.members.end()) return std::nullopt;
    return static_cast<size_t>(found - policy_.members.begin());
  }
  bool IsFree(std::string_view name) const { return name != "none" && !Find(name); }

  bool ReadLog(const Words& words) {
    if (words.size() < 2 || words.size() > 3) return false;
    const auto key = ReadKey(words[1], KeyType::kLog, policy_.logs);
    if (key) policy_.logs.push_back(*key);
    return key.has_value();
  }

  bool ReadWitness(const Words& words) {
    if (words.size() < 3 || words.size() > 4 || !IsFree(words[1])) return false;
    const auto key = ReadKey(words[2], KeyType::kWitness, policy_.witnesses);
    if (!key) return false;
    policy_.members.push_back({.name = std::string(words[1]),
                               .witness = policy_.witnesses.size(),
                               .threshold = 0,
                               .members = {}});
    policy_.witnesses.push_back(*key);
    return true;
  }

  bool ReadGroup(const Words& words) {
    if (words.size() < 4 || !IsFree(words[1])) return false;
    Policy::Member group{
        .name = std::string(words[1]), .witness = 0, .threshold = 0, .members = {}};
    for (size_t i = 3; i < words.size(); ++i) {
      const auto member = Find(words[i]);
      if (!member || std::ranges::find(grouped_, *member) != grouped_.end()) return false;
      grouped_.push_back(*member);
      group.members.push_back(*member);
    }
    const size_t count = group.members.size();
    const auto threshold = words[2] == "any"   ? std::optional<uint64_t>(1)
                           : words[2] == "all" ? std::optional<uint64_t>(count)
                                               : ParseDecimal(words[2]);
    if (!threshold || *threshold == 0 || *threshold > count) return false;
    group.threshold = *threshold;
    policy_.members.push_back(std::move(group));
    return true;
  }

  bool ReadQuorum(const Words& words) {
    if (quorum_ || words.size() != 2) return false;
    if (words[1] != "none" && !Find(words[1])) return false;
    quorum_ = words[1] == "none" ? "" : std::string(words[1]);
    return true;
  }

  Policy policy_;
  Flaw key_flaw_ = Flaw::kPolicyLine;  // of the line that was read last, where it is none
  std::vector<size_t> grouped_;        // a name is a member once
  std::optional<std::string> quorum_;  // empty: none is needed
};

}  // namespace

bool Policy::IsMetBy(const std::vector<bool>& witnessed) const {
  if (!NeedsWitnesses()) return true;
  std::vector<bool> met;  // by member; a group stands behind its members
  for (const Member& member : members) {
    const auto count = std::ranges::count_if(member.members, [&](size_t i) { return met[i]; });
    met.push_back(member.threshold == 0 ? witnessed[member.witness]
                                        : static_cast<size_t>(count) >= member.threshold);
  }
  return met[quorum];
}

std::expected<Policy, PolicyFlaw> ParsePolicy(std::string_view bytes) {
  Reader reader;
  size_t number = 0;
  if (bytes.size() > kPolicyBytesMax) return std::unexpected(PolicyFlaw{});
  while (!bytes.empty()) {
    ++number;
    const size_t end = bytes.find('\n');
    if (end == bytes.npos) {
      return std::unexpected(PolicyFlaw{.flaw = Flaw::kNoLastNewline, .line = number});
    }
    if (const auto flaw = reader.Read(bytes.substr(0, end))) {
      return std::unexpected(PolicyFlaw{.flaw = *flaw, .line = number});
    }
    bytes.remove_prefix(end + 1);
  }
  if (!reader.has_quorum()) return std::unexpected(PolicyFlaw{.flaw = Flaw::kPolicyQuorum});
  return reader.Take();
}

}  // namespace jalon::trail
