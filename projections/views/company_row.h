// A host company as the view companies keeps one: what it offers (R10), what the school made sure
// of and what lacks (R13). Who sits on its seats is in the view stays, by company.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/company/v1/resource.pb.h"
#include "jalon/type/v1/training.pb.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"

namespace jalon::projections {

// A competency that the company can host.
struct ReachFacts {
  std::string programme_code;
  std::string module;                                                       // empty: every module
  type::v1::DevelopmentMode mode = type::v1::DEVELOPMENT_MODE_UNSPECIFIED;  // unspecified: both

  void Fields(auto& archive) { archive(programme_code, module, mode); }
  bool operator==(const ReachFacts&) const = default;
};

struct CapacityFacts {
  uint32_t from_on = 0;
  uint32_t until_on = 0;
  uint32_t seats = 0;
  std::vector<ReachFacts> reach;  // none: not said
  bool interested = false;
  Fact declared;

  void Fields(auto& archive) { archive(from_on, until_on, seats, reach, interested, declared); }
  bool operator==(const CapacityFacts&) const = default;
};

// How many attestations of one company are kept: as many as the writer keeps.
inline constexpr size_t kAttestationsKept = 256;

struct AttestationFacts {
  SequenceId sequence_id;
  uint32_t sequence_version = 0;
  std::string human;
  std::string material;
  company::v1::AttestationMeans means = company::v1::ATTESTATION_MEANS_UNSPECIFIED;
  uint32_t valid_until_on = 0;  // the last day on which it counts
  Fact attested;                // on the first day on which it counts

  // No day of the other one is left without it.
  bool Covers(const AttestationFacts& other) const {
    return sequence_id == other.sequence_id && sequence_version == other.sequence_version &&
           attested.occurred_on <= other.attested.occurred_on &&
           other.valid_until_on <= valid_until_on;
  }

  void Fields(auto& archive) {
    archive(sequence_id, sequence_version, human, material, means, valid_until_on, attested);
  }
  bool operator==(const AttestationFacts&) const = default;
};

// Something that lacks; a resolved gap is gone from the row.
struct GapFacts {
  uint32_t gap_number = 0;  // at this company, from 1
  SequenceId sequence_id;
  StayId stay_id;  // none: it concerns every stay of the sequence here
  company::v1::ResourceKind kind = company::v1::RESOURCE_KIND_UNSPECIFIED;
  std::vector<std::string> activities;
  std::string description;
  Bytes mitigation;  // an encoded jalon.company.v1.Mitigation; empty: none
  Fact reported;
  Fact mitigated;  // none: not mitigated. The same event as reported where that one said how.

  void Fields(auto& archive) {
    archive(gap_number, sequence_id, stay_id, kind, activities, description, mitigation, reported,
            mitigated);
  }
  bool operator==(const GapFacts&) const = default;
};

struct CompanyRow {
  CompanyId company_id;
  std::string name;
  std::string site;
  std::string neq;  // empty: not known
  Fact registered;
  std::vector<CapacityFacts> capacities;  // as declared; where several cover a day, the last counts
  // As they were recorded, but for those that a later one covers; of too many the one that expires
  // first is forgotten.
  std::vector<AttestationFacts> attestations;
  std::vector<GapFacts> open_gaps;

  void Fields(auto& archive) {
    archive(company_id, name, site, neq, registered, capacities, attestations, open_gaps);
  }
  bool operator==(const CompanyRow&) const = default;
};

}  // namespace jalon::projections
