#include "services/domain/words/policy_words.h"

#include <algorithm>

namespace jalon::domain {
namespace {

struct KeyWords {
  PolicyKey key;
  std::string_view en;
  std::string_view fr;
};

using enum PolicyKey;

constexpr KeyWords kKeys[] = {
    {kMakeUpGate, "How far make-up must be before a module is evaluated: completed, or planned.",
     "Où doit en être une reprise avant l’évaluation du module : terminée, ou prévue."},
    {kReportGate, "Whether a missing final report of the tutor holds the evaluation back.",
     "Si l’absence du rapport final du tuteur retient l’évaluation."},
    {kPreparationGate, "Whether a missing preparation warns at the start of a stay, or refuses it.",
     "Si l’absence de préparation avertit au début d’un séjour, ou le refuse."},
    {kModuleHoursGate, "Whether a plan over one module’s own hours warns, or is refused.",
     "Si un plan qui dépasse les heures d’un module avertit, ou est refusé."},
    {kStartDeviation,
     "Whether the coordinator may record a start that lacks something, with a reason.",
     "Si le responsable ATE peut consigner, avec un motif, un début auquel il manque quelque "
     "chose."},
    {kAdditionalPercent,
     "The most hours added to a stay, in percent of the hours of the modules it touches.",
     "Le plus d’heures ajoutées à un séjour, en pourcentage des heures des modules qu’il touche."},
    {kAdditionalHours, "The most hours added to a stay.", "Le plus d’heures ajoutées à un séjour."},
    {kAttestationMonths, "For how many months an attestation of a company’s resources counts.",
     "Pendant combien de mois vaut une attestation des ressources d’une entreprise."},
    {kReportDueDays, "How many days after the end of a stay the tutor’s report is due.",
     "Combien de jours après la fin d’un séjour le rapport du tuteur est attendu."},
    {kLateOutcomesDays,
     "For how many days after the end of a stay its facts may still be recorded.",
     "Pendant combien de jours après la fin d’un séjour ses faits peuvent encore être consignés."},
    {kTutorGraceDays, "For how many days a replaced tutor may still report.",
     "Pendant combien de jours un tuteur remplacé peut encore rapporter."},
    {kBackdatingDays, "How many days back a fact may be dated when it is recorded.",
     "De combien de jours un fait peut être antidaté quand il est consigné."},
    {kEstimateScale, "The words by which a tutor estimates, from least to most.",
     "Les mots par lesquels un tuteur estime, du moins au plus."},
    {kMinGroup, "The least people in a figure that is shown.",
     "Le moins de personnes dans un chiffre qui est montré."},
    {kCalendar, "The days on which the school is closed.", "Les jours où le centre est fermé."},
    {kWorkplaceSharePercent,
     "The least share of the programme’s hours in the workplace, in percent: noted, never refused.",
     "La part minimale des heures du programme en milieu de travail, en pourcentage : signalée, "
     "jamais refusée."},
    {kWorkplaceStays, "The least number of stays: noted, never refused.",
     "Le nombre minimal de séjours : signalé, jamais refusé."},
    {kTaxCreditHours,
     "The hours of a stay that the company’s tax credit asks for: noted, never refused.",
     "Les heures d’un séjour que demande le crédit d’impôt de l’entreprise : signalées, jamais "
     "refusées."},
    {kRetentionYears,
     "For how many years what is held of a person is kept after the last fact about them.",
     "Pendant combien d’années ce qui est détenu sur une personne est conservé après le dernier "
     "fait qui la concerne."},
    {kErasureRequestDays,
     "In how many days a second coordinator confirms that a person is to be erased.",
     "En combien de jours un second responsable confirme qu’un dossier est à détruire."},
};

}  // namespace

std::string_view DescriptionOf(PolicyKey key, Language language) {
  const auto* found = std::ranges::find(kKeys, key, &KeyWords::key);
  if (found == std::end(kKeys)) return {};
  return language == Language::kFrench ? found->fr : found->en;
}

}  // namespace jalon::domain
