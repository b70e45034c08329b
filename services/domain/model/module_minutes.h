// Minutes that belong to one module.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jalon::domain {

struct ModuleMinutes {
  std::string module;
  uint32_t minutes = 0;

  void Fields(auto& archive) { archive(module, minutes); }
  bool operator==(const ModuleMinutes&) const = default;
};

// An activity touches a module when one of its objectives lies in it: then the module has a share,
// even one of no minutes.
inline bool Touches(const std::vector<ModuleMinutes>& shares, std::string_view module) {
  return std::ranges::find(shares, module, &ModuleMinutes::module) != shares.end();
}

// The minutes of the module; 0 where it has no share.
inline uint32_t MinutesOf(const std::vector<ModuleMinutes>& shares, std::string_view module) {
  const auto found = std::ranges::find(shares, module, &ModuleMinutes::module);
  return found == shares.end() ? 0 : found->minutes;
}

// Adds minutes to the module's share, made where there is none.
inline void AddMinutes(std::vector<ModuleMinutes>* shares, std::string_view module,
                       uint32_t minutes) {
  const auto found = std::ranges::find(*shares, module, &ModuleMinutes::module);
  if (found != shares->end()) {
    found->minutes += minutes;
  } else {
    shares->push_back({.module = std::string(module), .minutes = minutes});
  }
}

}  // namespace jalon::domain
