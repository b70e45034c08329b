#include "services/domain/policy.h"

namespace jalon::domain {
namespace {

constexpr std::string_view kHouse = "Jalon: where the reference framework is silent";
constexpr std::string_view kR4 = "Reference framework p. 10: 'l'ajout de quelques heures'";
constexpr std::string_view kR14 =
    "Reference framework p. 10: 'prévoir des activités en milieu scolaire'";
constexpr std::string_view kR22 = "Reference framework p. 10: 'auxquels il conviendra d'assurer'";
constexpr std::string_view kAte =
    "Work-study rules of the ministry: 20 % of the programme's hours, two stays";
constexpr std::string_view kTaxCredit =
    "Tax credit for an on-the-job training period: 140 h and a formal evaluation by the school";
constexpr std::string_view kAccessAct =
    "Act respecting Access s. 73: kept by the school's retention schedule, then destroyed";

PolicyRow Choice(PolicyKey key, std::string_view name, std::vector<std::string_view> choices,
                 std::string_view citation) {
  return {.key = key,
          .name = name,
          .kind = PolicyKind::kChoice,
          .choices = std::move(choices),
          .citation = citation};
}

PolicyRow Number(PolicyKey key, std::string_view name, uint64_t number, uint64_t least,
                 uint64_t most, std::string_view citation) {
  return {.key = key,
          .name = name,
          .kind = PolicyKind::kNumber,
          .choices = {},
          .number = number,
          .least = least,
          .most = most,
          .citation = citation};
}

}  // namespace

std::span<const PolicyRow> PolicyTable() {
  using enum PolicyKey;
  static const std::vector<PolicyRow> kTable = {
      Choice(kMakeUpGate, "makeup_gate", {"COMPLETED", "PLANNED"}, kR14),
      Choice(kReportGate, "report_gate", {"OFF", "ON"}, kHouse),
      Choice(kPreparationGate, "preparation_gate", {"WARN", "REFUSE"}, kR22),
      Choice(kModuleHoursGate, "module_hours_gate", {"WARN", "REFUSE"}, kHouse),
      Choice(kStartDeviation, "start_deviation", {"ALLOWED", "FORBIDDEN"}, kHouse),
      Number(kAdditionalPercent, "additional_percent", 10, 0, 100, kR4),
      Number(kAdditionalHours, "additional_hours", 15, 0, 1000, kR4),
      Number(kAttestationMonths, "attestation_months", 12, 1, 60, kHouse),
      Number(kReportDueDays, "report_due_days", 10, 1, 366, kHouse),
      Number(kLateOutcomesDays, "late_outcomes_days", 30, 0, 366, kHouse),
      Number(kTutorGraceDays, "tutor_grace_days", 14, 0, 366, kHouse),
      Number(kBackdatingDays, "backdating_days", 30, 0, 3660, kHouse),
      {.key = kEstimateScale,
       .name = "estimate_scale",
       .kind = PolicyKind::kWords,
       .choices = {"not yet", "with help", "with some help", "alone"},
       .citation = "Reference framework p. 10: 'estimer les apprentissages', in words"},
      Number(kMinGroup, "min_group", 5, 2, 100, kHouse),
      {.key = kCalendar,
       .name = "calendar",
       .kind = PolicyKind::kDates,
       .choices = {},
       .citation = kHouse},
      Number(kWorkplaceSharePercent, "workplace_share_percent", 20, 0, 100, kAte),
      Number(kWorkplaceStays, "workplace_stays", 2, 0, 100, kAte),
      Number(kTaxCreditHours, "tax_credit_hours", 140, 0, 10000, kTaxCredit),
      Number(kRetentionYears, "retention_years", 7, 1, 100, kAccessAct),
      Number(kErasureRequestDays, "erasure_request_days", 30, 1, 366, kHouse),
  };
  return kTable;
}

}  // namespace jalon::domain
