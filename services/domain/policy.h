// What a school may decide where the source is silent: the table of keys, and the policy in force
// on a day. Nothing in decide is a constant that stands here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jalon/school/v1/policy.pb.h"
#include "services/domain/local_date.h"
#include "services/domain/model/school.h"

namespace jalon::domain {

enum class PolicyKey {
  kMakeUpGate,             // choice COMPLETED | PLANNED
  kReportGate,             // choice OFF | ON
  kPreparationGate,        // choice WARN | REFUSE
  kModuleHoursGate,        // choice WARN | REFUSE
  kStartDeviation,         // choice ALLOWED | FORBIDDEN
  kAdditionalPercent,      // percent of the touched modules' hours
  kAdditionalHours,        // hours per stay
  kAttestationMonths,      // how long an attestation counts
  kReportDueDays,          // after the end of the stay
  kLateOutcomesDays,       // after the end of the stay
  kTutorGraceDays,         // after a tutor is replaced
  kBackdatingDays,         // how old a fact may be when it is recorded
  kEstimateScale,          // words, from least to most; no digits
  kMinGroup,               // people in a figure that is shown
  kCalendar,               // closed days
  kWorkplaceSharePercent,  // of the programme's hours
  kWorkplaceStays,         // how many
  kTaxCreditHours,         // in a stay
  kRetentionYears,         // after the last fact about a person
  kErasureRequestDays,     // in which a second person confirms an erasure
};

enum class PolicyKind { kChoice, kNumber, kWords, kDates };

// One row of the table.
struct PolicyRow {
  PolicyKey key;
  std::string_view name;
  PolicyKind kind;
  std::vector<std::string_view> choices = {};  // choices: those allowed; words: the default
  uint64_t number = 0;                         // numbers: the default
  uint64_t least = 0;
  uint64_t most = 0;
  std::string_view citation = {};  // where the default comes from
};

std::span<const PolicyRow> PolicyTable();
const PolicyRow& RowOf(PolicyKey key);
// The row of that name, or null.
const PolicyRow* FindPolicyRow(std::string_view name);

// The setting that holds while a school has said nothing.
school::v1::PolicySetting DefaultSetting(const PolicyRow& row);

// The words or the range that a key allows, as "PLANNED | COMPLETED" or "1..60"; empty for the
// kinds that only words describe.
std::string AllowedValues(const PolicyRow& row);

// The key takes a value of this kind, and this one is allowed.
bool IsAllowed(const PolicyRow& row, const school::v1::PolicySetting& setting);

// A school's policy as of a local date: of two settings of a key the later in effect counts, and of
// two of the same day the later set.
class Policy {
 public:
  // `school` must outlive the policy.
  Policy(const SchoolState& school, LocalDate on) : school_(school), on_(on) {}

  school::v1::PolicySetting Setting(PolicyKey key) const;
  // The key is set to this choice: policy.Is(PolicyKey::kMakeUpGate, "COMPLETED").
  bool Is(PolicyKey key, std::string_view choice) const;
  uint64_t Number(PolicyKey key) const;
  std::vector<std::string> Words(PolicyKey key) const;
  bool IsClosed(LocalDate date) const;

  // The newest version in effect; 0: nothing but defaults.
  uint32_t Version() const;
  // The event that set the key; none while the default holds.
  FactRef Fact(PolicyKey key) const;

 private:
  const PolicyEntry* Find(PolicyKey key) const;

  const SchoolState& school_;
  LocalDate on_;
};

}  // namespace jalon::domain
