// A host company: what it offers (R10), what the school made sure of and what lacks (R13).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

// A competency that the company can host.
struct HostingReach {
  std::string programme_code;
  std::string module;  // empty: every module of the programme
  type::v1::DevelopmentMode mode = type::v1::DEVELOPMENT_MODE_UNSPECIFIED;  // unspecified: both

  void Fields(auto& archive) { archive(programme_code, module, mode); }
  bool operator==(const HostingReach&) const = default;
};

// How many students at once, from a day to a day. For a day that several cover, the last declared
// counts.
struct HostingCapacity {
  uint32_t from_on = 0;
  uint32_t until_on = 0;
  uint32_t seats = 0;
  std::vector<HostingReach> reach;  // none: not said
  bool interested = false;
  FactRef fact;

  bool Covers(uint32_t date) const { return from_on <= date && date <= until_on; }

  void Fields(auto& archive) { archive(from_on, until_on, seats, reach, interested, fact); }
  bool operator==(const HostingCapacity&) const = default;
};

// The school made sure of the resources for a version of a sequence. A later one adds to an
// earlier: a start that is keyed in late is measured by what held on its day.
struct Attestation {
  Bytes sequence_id;
  uint32_t sequence_version = 0;
  uint32_t attested_on = 0;
  uint32_t valid_until_on = 0;  // the last day on which it counts
  FactRef fact;

  bool IsFor(std::string_view sequence, uint32_t version) const {
    return sequence_id == sequence && sequence_version == version;
  }
  // No day of the other one is left without it.
  bool Covers(const Attestation& other) const {
    return IsFor(other.sequence_id, other.sequence_version) && attested_on <= other.attested_on &&
           other.valid_until_on <= valid_until_on;
  }

  void Fields(auto& archive) {
    archive(sequence_id, sequence_version, attested_on, valid_until_on, fact);
  }
  bool operator==(const Attestation&) const = default;
};

// Something that lacks. Open until it is resolved; a mitigated gap does not refuse a start.
struct ResourceGap {
  uint32_t number = 0;  // at this company, from 1
  Bytes sequence_id;
  Bytes stay_id;  // empty: it concerns every stay of the sequence here
  std::vector<std::string> activities;
  bool mitigated = false;
  FactRef reported;
  FactRef mitigation;

  bool Concerns(std::string_view sequence, std::string_view stay) const {
    return sequence_id == sequence && (stay_id.empty() || stay_id == stay);
  }

  void Fields(auto& archive) {
    archive(number, sequence_id, stay_id, activities, mitigated, reported, mitigation);
  }
  bool operator==(const ResourceGap&) const = default;
};

// From this day on, this many more (or fewer) students are in the company than the day before.
struct OccupancyChange {
  uint32_t from_on = 0;
  int32_t students = 0;

  void Fields(auto& archive) { archive(from_on, students); }
  bool operator==(const OccupancyChange&) const = default;
};

struct CompanyState {
  static constexpr RowKind kKind = RowKind::kCompany;

  uint64_t version = 0;
  FactRef registered;
  std::vector<HostingCapacity> capacities;  // in the order in which they were declared
  std::vector<Attestation> attestations;    // at most kAttestationsKept, as they were recorded
  std::vector<ResourceGap> open_gaps;
  uint32_t gap_count = 0;                  // gaps ever reported
  std::vector<OccupancyChange> occupancy;  // ascending by day; booked stays, whoever the student
  std::vector<Bytes> sequences;            // ascending; of every stay that was ever scheduled here

  // The declaration that counts for the day, or null.
  const HostingCapacity* CapacityOn(uint32_t date) const;
  // Adds one; those that it covers are no longer asked for. Over the limit the one that expires
  // first is forgotten.
  void Attest(Attestation attestation);
  const ResourceGap* FindOpenGap(uint32_t number) const;
  // A stay takes a seat, or gives it back (students = -1), from a day to a day.
  void Book(uint32_t from_on, uint32_t until_on, int32_t students);
  // A stay of that sequence was scheduled here.
  void Host(std::string_view sequence_id);
  bool Hosts(std::string_view sequence_id) const;
  // The first day of the period on which one more student would be over the seats declared for that
  // day; 0: none, or nothing is declared.
  uint32_t FirstFullDay(uint32_t from_on, uint32_t until_on) const;
  // A stay that is booked from `starts_on` until `ends_on` and starts on a day outside of these
  // takes a seat on days that are not booked: from the start to the day before the first, or on the
  // day of a start after the last. The first of them that is full, or 0.
  uint32_t FirstFullDayOfStart(uint32_t starts_on, uint32_t ends_on, uint32_t started_on) const;
  // Books those days.
  void BookStart(uint32_t starts_on, uint32_t ends_on, uint32_t started_on);
  // Such a stay ended: the booked days after its end are free again.
  void FreeAfter(uint32_t starts_on, uint32_t ends_on, uint32_t started_on, uint32_t ended_on);

  void Fields(auto& archive) {
    archive(version, registered, capacities, attestations, open_gaps, gap_count, occupancy,
            sequences);
  }
  bool operator==(const CompanyState&) const = default;
};

// How many leaves the trail of a company has. A row of its own: every report of a tutor changes it.
struct TrailState {
  static constexpr RowKind kKind = RowKind::kTrail;

  uint64_t size = 0;

  void Fields(auto& archive) { archive(size); }
  bool operator==(const TrailState&) const = default;
};

// The company registered for this NEQ and site.
struct SiteState {
  static constexpr RowKind kKind = RowKind::kSite;

  Bytes company_id;
  FactRef fact;

  void Fields(auto& archive) { archive(company_id, fact); }
  bool operator==(const SiteState&) const = default;
};

}  // namespace jalon::domain
