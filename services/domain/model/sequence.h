// A sequence: its newest definition, whole, and what rules ask of its published versions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"
#include "services/domain/model/programme.h"

namespace jalon::domain {

// A competency that a sequence develops, and how.
struct SequenceTarget {
  std::string module;
  std::vector<std::string> elements;  // none: all of them, or they are not known
  type::v1::DevelopmentMode mode = type::v1::DEVELOPMENT_MODE_UNSPECIFIED;

  void Fields(auto& archive) { archive(module, elements, mode); }
  bool operator==(const SequenceTarget&) const = default;
};

struct SequenceObjective {
  std::string code;
  std::string module;
  std::string element;  // empty: the competency as a whole

  void Fields(auto& archive) { archive(code, module, element); }
  bool operator==(const SequenceObjective&) const = default;
};

struct SequenceActivity {
  std::string code;
  uint32_t planned_minutes = 0;
  std::vector<std::string> objectives;  // codes
  std::vector<std::string> modules;     // those its objectives lie in, in the targets' order

  void Fields(auto& archive) { archive(code, planned_minutes, objectives, modules); }
  bool operator==(const SequenceActivity&) const = default;
};

// A published version: it never changes.
struct SequenceVersion {
  uint32_t number = 0;
  ProgrammeRef programme;
  type::v1::SequenceType type = type::v1::SEQUENCE_TYPE_UNSPECIFIED;
  std::vector<SequenceTarget> targets;
  std::vector<SequenceObjective> objectives;
  std::vector<SequenceActivity> activities;
  FactRef published;

  const SequenceTarget* FindTarget(std::string_view module) const {
    const auto found = std::ranges::find(targets, module, &SequenceTarget::module);
    return found == targets.end() ? nullptr : &*found;
  }
  const SequenceObjective* FindObjective(std::string_view code) const {
    const auto found = std::ranges::find(objectives, code, &SequenceObjective::code);
    return found == objectives.end() ? nullptr : &*found;
  }
  const SequenceActivity* FindActivity(std::string_view code) const {
    const auto found = std::ranges::find(activities, code, &SequenceActivity::code);
    return found == activities.end() ? nullptr : &*found;
  }

  void Fields(auto& archive) {
    archive(number, programme, type, targets, objectives, activities, published);
  }
  bool operator==(const SequenceVersion&) const = default;
};

struct SequenceState {
  static constexpr RowKind kKind = RowKind::kSequence;

  uint64_t version = 0;  // of the aggregate: how many events it has
  std::string code;
  uint32_t draft_number = 0;  // the version that is a draft; 0: none is
  Bytes definition;           // of the draft, or else of the last published version:
                              // an encoded jalon.catalogue.v1.SequenceDefinition
  FactRef designed;
  FactRef activities_defined;
  std::vector<SequenceVersion> published;  // ascending

  bool IsDraft() const { return draft_number != 0; }
  const SequenceVersion* Latest() const { return published.empty() ? nullptr : &published.back(); }
  // The published version `number`; 0: the latest. Null if there is none.
  const SequenceVersion* FindVersion(uint32_t number) const {
    if (number == 0) return Latest();
    const auto found = std::ranges::find(published, number, &SequenceVersion::number);
    return found == published.end() ? nullptr : &*found;
  }

  void Fields(auto& archive) {
    archive(version, code, draft_number, definition, designed, activities_defined, published);
  }
  bool operator==(const SequenceState&) const = default;
};

}  // namespace jalon::domain
