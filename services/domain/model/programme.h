// A programme version that the school adopted: what rules ask of it. The texts stay in the event.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

// Names one version: "5830", "en", "2026".
struct ProgrammeRef {
  std::string code;
  std::string language;
  std::string version;

  // Its row id and aggregate id: "5830/en/2026".
  std::string Id() const { return code + "/" + language + "/" + version; }

  void Fields(auto& archive) { archive(code, language, version); }
  bool operator==(const ProgrammeRef&) const = default;
};

// `ref` is a jalon.catalogue.v1.ProgrammeRef.
ProgrammeRef RefOf(const auto& ref) { return {ref.code(), ref.language(), ref.version()}; }

// One module: in vocational training it holds one competency.
struct Module {
  std::string code;
  uint32_t allotted_minutes = 0;
  bool prescribed = false;
  std::vector<std::string> elements;  // codes; none where they are not known
  std::vector<std::string> criteria;  // codes; none where they are not known

  bool HasElement(std::string_view element) const {
    return std::ranges::find(elements, element) != elements.end();
  }

  void Fields(auto& archive) { archive(code, allotted_minutes, prescribed, elements, criteria); }
  bool operator==(const Module&) const = default;
};

struct ProgrammeState {
  static constexpr RowKind kKind = RowKind::kProgramme;

  uint64_t version = 0;
  ProgrammeRef ref;
  type::v1::ProgrammeType type = type::v1::PROGRAMME_TYPE_UNSPECIFIED;
  type::v1::ElementsKnown elements_known = type::v1::ELEMENTS_KNOWN_UNSPECIFIED;
  std::vector<Module> modules;             // in the order of the document
  std::array<uint8_t, 32> content_hash{};  // SHA-256 of the definition
  FactRef adopted;

  const Module* FindModule(std::string_view code) const {
    const auto found = std::ranges::find(modules, code, &Module::code);
    return found == modules.end() ? nullptr : &*found;
  }
  uint32_t AllottedMinutes() const {
    uint32_t minutes = 0;
    for (const Module& module : modules) minutes += module.allotted_minutes;
    return minutes;
  }

  void Fields(auto& archive) {
    archive(version, ref, type, elements_known, modules, content_hash, adopted);
  }
  bool operator==(const ProgrammeState&) const = default;
};

}  // namespace jalon::domain
