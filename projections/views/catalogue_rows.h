// What a school teaches and by which rules, as the view school_catalogue keeps it. Definitions stay
// the encoded messages that the events embed: whoever shows them parses them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"
#include "projections/views/student_row.h"

namespace jalon::projections {

// One key of the policy as it was set once. Nothing is ever removed: policy is read as of a date.
struct PolicyFacts {
  std::string key;
  uint32_t effective_on = 0;
  uint32_t policy_version = 0;
  Bytes setting;  // an encoded jalon.school.v1.PolicySetting
  Fact set;

  void Fields(auto& archive) { archive(key, effective_on, policy_version, setting, set); }
  bool operator==(const PolicyFacts&) const = default;
};

struct SchoolRow {
  std::string code;
  std::string name;
  std::string service_centre;
  std::string region;
  Fact registered;
  std::vector<PolicyFacts> policy;  // in the order in which it was set

  void Fields(auto& archive) { archive(code, name, service_centre, region, registered, policy); }
  bool operator==(const SchoolRow&) const = default;
};

// A programme version that the school adopted. It never changes.
struct ProgrammeRow {
  ProgrammeName programme;
  Bytes definition;  // an encoded jalon.catalogue.v1.ProgrammeDefinition
  Fact adopted;

  void Fields(auto& archive) { archive(programme, definition, adopted); }
  bool operator==(const ProgrammeRow&) const = default;
};

// A sequence with its versions; each version is a row of its own.
struct SequenceRow {
  SequenceId sequence_id;
  std::string code;                // of the version designed last
  uint32_t published_version = 0;  // the last one published; 0: none
  uint32_t draft_version = 0;      // 0: none

  void Fields(auto& archive) { archive(sequence_id, code, published_version, draft_version); }
  bool operator==(const SequenceRow&) const = default;
};

struct SequenceVersionRow {
  SequenceId sequence_id;
  uint32_t sequence_version = 0;
  bool published = false;   // and never changes again
  Bytes definition;         // an encoded jalon.catalogue.v1.SequenceDefinition, with its activities
  std::vector<Fact> facts;  // what it comes from, in order

  void Fields(auto& archive) {
    archive(sequence_id, sequence_version, published, definition, facts);
  }
  bool operator==(const SequenceVersionRow&) const = default;
};

}  // namespace jalon::projections
