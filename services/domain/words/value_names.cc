#include "services/domain/words/value_names.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace jalon::domain {
namespace {

struct Name {
  std::string_view value;
  InBoth words;
};

// By the names of the values, which are unique since each begins with its enum's name.
constexpr Name kNames[] = {
    {"LEGAL_HOLD_BASIS_PROCEEDING", {"a claim or a proceeding", "un litige"}},
    {"LEGAL_HOLD_BASIS_ACCESS_REQUEST",
     {"a request of access or rectification", "une demande d'accès ou de rectification"}},
    {"LEGAL_HOLD_BASIS_INQUIRY", {"an inquiry", "une enquête"}},
    {"LEGAL_HOLD_BASIS_MATTER_CLOSED", {"the matter is closed", "l'affaire est close"}},

    {"ROLE_REGION_COORDINATOR", {"region coordinator", "responsable régional"}},
    {"ROLE_WORK_STUDY_COORDINATOR", {"work-study coordinator", "responsable ATE"}},
    {"ROLE_TEACHER", {"teacher", "enseignant"}},
    {"ROLE_WORKPLACE_TUTOR", {"workplace tutor", "tuteur en entreprise"}},
    {"ROLE_COMPANY_SIGNATORY", {"company signatory", "signataire de l'entreprise"}},
    {"ROLE_STUDENT", {"student", "élève"}},
    {"ROLE_GUARDIAN", {"guardian", "titulaire de l'autorité parentale"}},
    {"ROLE_AUDITOR", {"auditor", "vérificateur"}},
    {"ROLE_ANALYST", {"analyst", "analyste"}},

    {"GRANT_STATE_ACTIVE", {"active", "en vigueur"}},
    {"GRANT_STATE_EXPIRED", {"expired", "échu"}},
    {"GRANT_STATE_REVOKED", {"revoked", "révoqué"}},

    {"ACCESS_KIND_REFUSAL", {"refused", "refus"}},
    {"ACCESS_KIND_CREDENTIAL", {"credential used", "justificatif présenté"}},
    {"ACCESS_KIND_PERSONAL_READ", {"personal data read", "données personnelles lues"}},
    {"ACCESS_KIND_EXPORT", {"export begun", "exportation commencée"}},
    {"ACCESS_KIND_REFUSALS_COUNTED", {"refusals counted", "refus comptés"}},
    {"ACCESS_KIND_OPENED", {"log opened", "journal ouvert"}},

    {"ORIGIN_DIRECT", {"direct", "direct"}},
    {"ORIGIN_TRANSCRIBED", {"keyed in by the school", "transcrit par l'école"}},
    {"ORIGIN_SYSTEM", {"the system", "le système"}},
    {"CHANNEL_PAPER", {"a signed paper", "un papier signé"}},
    {"CHANNEL_TELEPHONE", {"a telephone call", "un appel téléphonique"}},
    {"CHANNEL_MESSAGE", {"a message", "un message"}},
    {"CHANNEL_IN_PERSON", {"in person", "en personne"}},

    {"BASIS_SOURCE", {"the framework", "le cadre de référence"}},
    {"BASIS_POLICY", {"the school's policy", "la politique de l'école"}},
    {"BASIS_SYSTEM", {"the system", "le système"}},

    {"AGGREGATE_KIND_SCHOOL", {"school", "école"}},
    {"AGGREGATE_KIND_GRANT", {"grant", "autorisation"}},
    {"AGGREGATE_KIND_PROGRAMME_VERSION", {"programme", "programme"}},
    {"AGGREGATE_KIND_SEQUENCE", {"sequence", "séquence"}},
    {"AGGREGATE_KIND_HOST_COMPANY", {"company", "entreprise"}},
    {"AGGREGATE_KIND_ENROLMENT", {"enrolment", "inscription"}},
    {"AGGREGATE_KIND_ASSIGNMENT", {"assignment", "affectation"}},
    {"AGGREGATE_KIND_STAY", {"stay", "séjour"}},
    {"AGGREGATE_KIND_MAKE_UP", {"make-up", "reprise"}},
    {"AGGREGATE_KIND_MODULE_RECORD", {"module", "module"}},
    {"AGGREGATE_KIND_PLACEMENT", {"placement", "emplacement"}},
    {"AGGREGATE_KIND_ROOT_LOG", {"root log", "journal racine"}},
    {"AGGREGATE_KIND_SIGNER", {"signer", "signataire des registres"}},
    {"AGGREGATE_KIND_PERSON", {"person", "personne"}},

    {"PERSON_KEY_STATE_KEPT", {"kept", "conservée"}},
    {"PERSON_KEY_STATE_DESTROYED", {"destroyed", "détruite"}},
    {"PERSON_KEY_STATE_NONE", {"none", "aucune"}},

    {"KEY_BACKUP_STATE_NONE_CONFIGURED",
     {"none configured: make a fresh copy of the keys",
      "aucune configurée : faites une nouvelle copie des clés"}},
    {"KEY_BACKUP_STATE_PENDING",
     {"not made or not verified yet", "pas encore faite, ou pas encore vérifiée"}},
    {"KEY_BACKUP_STATE_VERIFIED", {"made and verified", "faite et vérifiée"}},

    {"VAULT_ROLE_SERVING", {"serves its keys", "sert ses clés"}},
    {"VAULT_ROLE_STANDBY", {"standby", "en réserve"}},
    {"VAULT_ROLE_FENCED", {"replaced by its standby", "remplacé par sa réserve"}},

    {"STANDBY_STATE_NONE", {"none", "aucune"}},
    {"STANDBY_STATE_IN_STEP", {"has every key", "a toutes les clés"}},
    {"STANDBY_STATE_GONE", {"gone", "absente"}},
    {"STANDBY_STATE_DETACHED", {"detached", "détachée"}},

    {"PROGRAMME_TYPE_DEP", {"DEP", "DEP"}},
    {"PROGRAMME_TYPE_ASP", {"ASP", "ASP"}},
    {"PROGRAMME_TYPE_AEP", {"AEP", "AEP"}},
    {"PROGRAMME_TYPE_AEC", {"AEC", "AEC"}},
    {"PROGRAMME_TYPE_DEC", {"DEC", "DEC"}},
    {"ELEMENTS_KNOWN_NONE", {"not known", "non connus"}},
    {"ELEMENTS_KNOWN_SCHOOL_WORDED", {"worded by the school", "formulés par l'école"}},
    {"ELEMENTS_KNOWN_OFFICIAL", {"official", "officiels"}},
    {"SEQUENCE_TYPE_OBSERVATION", {"observation", "observation"}},
    {"SEQUENCE_TYPE_DEVELOPMENT", {"development", "développement"}},
    {"SEQUENCE_TYPE_IMPLEMENTATION", {"implementation", "mise en œuvre"}},
    {"DEVELOPMENT_MODE_COMPLETE", {"complete", "complet"}},
    {"DEVELOPMENT_MODE_PARTIAL", {"partial", "partiel"}},

    {"STAY_STATE_PLANNED", {"planned", "prévu"}},
    {"STAY_STATE_STARTED", {"running", "en cours"}},
    {"STAY_STATE_ENDED", {"ended", "terminé"}},
    {"STAY_STATE_CANCELLED", {"cancelled", "annulé"}},
    {"STAY_END_KIND_AS_PLANNED", {"as planned", "comme prévu"}},
    {"STAY_END_KIND_EARLY", {"early", "avant terme"}},
    {"STAY_END_CAUSE_COMPANY_UNAVAILABLE", {"company not available", "entreprise indisponible"}},
    {"STAY_END_CAUSE_COMPANY_REQUEST", {"asked by the company", "demande de l'entreprise"}},
    {"STAY_END_CAUSE_STUDENT_LEFT", {"the student left", "départ de l'élève"}},
    {"STAY_END_CAUSE_SCHOOL_WITHDREW", {"withdrawn by the school", "retrait par l'école"}},
    {"STAY_END_CAUSE_SAFETY", {"safety", "sécurité"}},
    {"STAY_END_CAUSE_OTHER", {"other", "autre"}},

    {"OUTCOME_KIND_COMPLETED", {"done", "réalisée"}},
    {"OUTCOME_KIND_PARTLY", {"partly done", "réalisée en partie"}},
    {"OUTCOME_KIND_NOT_PERFORMED", {"not done", "non réalisée"}},
    {"OUTCOME_CAUSE_NO_WORK", {"no such work", "pas de travail de ce genre"}},
    {"OUTCOME_CAUSE_RESOURCE_LACKING", {"resource lacking", "ressource manquante"}},
    {"OUTCOME_CAUSE_TIME", {"not enough time", "manque de temps"}},
    {"OUTCOME_CAUSE_ABSENCE", {"absence", "absence"}},
    {"OUTCOME_CAUSE_SAFETY", {"safety", "sécurité"}},
    {"OUTCOME_CAUSE_PRESUMED", {"presumed by the school", "présumée par l'école"}},
    {"OUTCOME_CAUSE_OTHER", {"other", "autre"}},

    {"MAKE_UP_STATE_REQUIRED", {"owed", "à prévoir"}},
    {"MAKE_UP_STATE_PLANNED", {"planned", "prévue"}},
    {"MAKE_UP_STATE_COMPLETED", {"done", "faite"}},
    {"MAKE_UP_STATE_DISCHARGED", {"no longer owed", "plus requise"}},
    {"DISCHARGE_CAUSE_PERFORMED_AFTER_ALL", {"performed after all", "réalisée malgré tout"}},
    {"DISCHARGE_CAUSE_PERFORMED_IN_ANOTHER_STAY",
     {"performed in another stay", "réalisée dans un autre séjour"}},
    {"DISCHARGE_CAUSE_ACHIEVED_OTHERWISE", {"achieved otherwise", "acquise autrement"}},

    {"DISCHARGE_CAUSE_ENROLMENT_CLOSED", {"the enrolment ended", "fin de l'inscription"}},
    {"PRIOR_RESULT_ORIGIN_RECOGNITION",
     {"recognition of prior learning", "reconnaissance des acquis"}},
    {"PRIOR_RESULT_ORIGIN_EQUIVALENCE", {"equivalence", "équivalence"}},
    {"PRIOR_RESULT_ORIGIN_TRANSFER",
     {"transfer from another school", "transfert d'une autre école"}},
    {"PRIOR_RESULT_ORIGIN_BEFORE_GO_LIVE",
     {"before the records were kept here", "avant la tenue des dossiers ici"}},
    {"ENROLMENT_END_WITHDRAWN", {"withdrawn", "retrait"}},
    {"ENROLMENT_END_TRANSFERRED", {"transferred to another school", "passage à une autre école"}},
    {"ENROLMENT_END_COMPLETED", {"programme completed", "programme terminé"}},

    {"EVALUATION_RESULT_SUCCESS", {"success", "succès"}},
    {"EVALUATION_RESULT_FAILURE", {"failure", "échec"}},
    {"EVALUATION_RESULT_ABSENT", {"absent", "absence"}},
    {"BASIS_KIND_STAY_ACTIVITY", {"activity of a stay", "activité d'un séjour"}},
    {"BASIS_KIND_MAKE_UP", {"make-up", "reprise"}},
    {"REVIEW_CAUSE_LATE_OUTCOME",
     {"an outcome reported after the evaluation", "un résultat rapporté après l'évaluation"}},
    {"PREPARATION_TOPIC_ATTITUDES",
     {"attitudes and behaviours at work", "attitudes et comportements au travail"}},
    {"PREPARATION_TOPIC_TRAINEE_RIGHTS", {"rights of trainees", "droits des stagiaires"}},
    {"PREPARATION_TOPIC_SAFETY", {"health and safety", "santé et sécurité"}},
    {"PREPARATION_TOPIC_TRAINING_PLAN", {"the training plan", "le plan de formation"}},
    {"CONTACT_KIND_VISIT", {"visit", "visite"}},
    {"CONTACT_KIND_CALL", {"call", "appel"}},
    {"CONTACT_KIND_VIDEO", {"video call", "appel vidéo"}},
    {"CONTACT_KIND_MESSAGE", {"message", "message"}},
    {"TUTOR_REPORT_KIND_INTERIM", {"interim", "intermédiaire"}},
    {"TUTOR_REPORT_KIND_FINAL", {"final", "final"}},
    {"TUTOR_REPORT_KIND_SUPPLEMENT", {"supplement", "complément"}},
    {"VERDICT_ELIGIBLE", {"eligible", "admissible"}},
    {"VERDICT_NOT_ELIGIBLE", {"not eligible", "non admissible"}},
    {"VERDICT_EVALUATED", {"evaluated", "évalué"}},

    {"VIEW_STATE_FOLLOWING", {"up to date", "à jour"}},
    {"VIEW_STATE_CATCHING_UP", {"catching up", "en rattrapage"}},
    {"VIEW_STATE_REBUILDING", {"rebuilding", "en reconstruction"}},
    {"VIEW_STATE_STOPPED", {"stopped by a fault", "arrêtée par une panne"}},
    {"REBUILD_PHASE_FOLDING", {"reading the log", "lecture du journal"}},
    {"REBUILD_PHASE_INGESTING", {"writing", "écriture"}},
    {"REBUILD_PHASE_CATCHING_UP", {"catching up", "rattrapage"}},
    {"REBUILD_PHASE_DONE", {"done", "terminé"}},
    {"REBUILD_PHASE_CANCELLED", {"cancelled", "annulé"}},
};

}  // namespace

const InBoth* ValueNameOf(const google::protobuf::EnumDescriptor& type, int value) {
  const auto* known = type.FindValueByNumber(value);
  if (known == nullptr) return nullptr;
  const auto found = std::ranges::find(kNames, known->name(), &Name::value);
  return found == std::end(kNames) ? nullptr : &found->words;
}

}  // namespace jalon::domain
