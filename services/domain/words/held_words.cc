#include "services/domain/words/held_words.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace jalon::domain {
namespace {

struct Named {
  std::string_view name;
  InBoth words;
};

constexpr Named kEvents[] = {
    {"AccessGranted", {"access granted", "accès accordé"}},
    {"AccessRevoked", {"access revoked", "accès révoqué"}},
    {"StudentEnrolled", {"enrolled in a programme", "inscription à un programme"}},
    {"PriorResultRecorded", {"result brought along", "résultat apporté d’ailleurs"}},
    {"TransferImported",
     {"transfer from another school imported", "transfert d’une autre école importé"}},
    {"StayTransferred", {"stay in another school", "séjour dans une autre école"}},
    {"StudentWithdrawn", {"enrolment ended", "fin de l’inscription"}},
    {"ProgrammeCompleted", {"programme completed", "programme terminé"}},
    {"CorrectionRecorded", {"identity corrected", "identité rectifiée"}},
    {"StatementRecorded", {"the person’s statement", "déclaration de la personne"}},
    {"SequenceAssigned", {"sequence assigned", "séquence affectée"}},
    {"TargetReleased", {"released from a target", "cible levée"}},
    {"StayScheduled", {"stay planned", "séjour prévu"}},
    {"TrainingPlanAccepted",
     {"training plan accepted by the company", "plan de formation accepté par l’entreprise"}},
    {"TrainingPlanDeclined",
     {"training plan declined by the company", "plan de formation décliné par l’entreprise"}},
    {"TutorAssigned", {"workplace tutor assigned", "tuteur en entreprise désigné"}},
    {"TutorReplaced", {"workplace tutor replaced", "tuteur en entreprise remplacé"}},
    {"SchoolSupervisorAssigned", {"school supervisor assigned", "enseignant superviseur désigné"}},
    {"SupervisionProposed", {"supervision proposed", "encadrement proposé"}},
    {"SupervisionAgreed", {"supervision agreed", "encadrement convenu"}},
    {"PreparationRecorded", {"preparation for the stay", "préparation au séjour"}},
    {"StayStarted", {"stay started", "séjour commencé"}},
    {"StartDeviationRecorded",
     {"stay started without something it needs", "séjour commencé sans tout ce qu’il faut"}},
    {"HoursLogged", {"hours logged", "heures consignées"}},
    {"HoursConfirmed", {"hours confirmed", "heures confirmées"}},
    {"HoursOverrun", {"more hours than planned", "plus d’heures que prévu"}},
    {"AdditionalHoursGranted", {"hours added", "heures ajoutées"}},
    {"StayEnded", {"stay ended", "séjour terminé"}},
    {"ActivityCompleted", {"activity done", "activité réalisée"}},
    {"ActivityPartlyPerformed", {"activity partly done", "activité réalisée en partie"}},
    {"ActivityNotPerformed", {"activity not done", "activité non réalisée"}},
    {"FormativeEstimateReported", {"formative estimate", "estimation formative"}},
    {"TutorReportSubmitted", {"the tutor’s report", "rapport du tuteur"}},
    {"AttitudeObserved", {"attitude observed", "attitude observée"}},
    {"MakeUpRequired", {"make-up owed by the school", "reprise due par l’école"}},
    {"MakeUpPlanned", {"make-up planned", "reprise prévue"}},
    {"MakeUpCompleted", {"make-up done", "reprise faite"}},
    {"MakeUpDischarged", {"make-up no longer owed", "reprise qui n’est plus requise"}},
    {"FollowUpRecorded", {"follow-up of an attitude", "suivi d’une attitude"}},
    {"SummativeEvaluationRecorded", {"summative evaluation", "évaluation sommative"}},
    {"EvaluationReviewRaised", {"evaluation to be reviewed", "évaluation à revoir"}},
    {"LegalHoldPlaced", {"kept by a legal hold", "conservation imposée"}},
    {"LegalHoldReleased", {"legal hold released", "conservation imposée levée"}},
    {"ErasureRequested", {"erasure requested", "effacement demandé"}},
    {"PersonKeyDestroyed", {"person erased", "personne effacée"}},
};

// By "Message.field" where the same name says something else in another message, else by the name.
constexpr Named kFields[] = {
    {"ActivityCompleted.remarks", {"more about it", "précisions"}},
    {"AdditionalHoursGranted.minutes", {"minutes added", "minutes ajoutées"}},
    {"ContactRhythm.count", {"contacts in each period", "contacts par période"}},
    {"ContactRhythm.kind", {"kind of contact", "genre de contact"}},
    {"CriteriaRef.programme", {"programme", "programme"}},
    {"FormativeEstimateReported.not_observed", {"not observed", "non observé"}},
    {"Guardian.name", {"name", "nom"}},
    {"HoursOverrun.planned_minutes", {"minutes planned and added", "minutes prévues et ajoutées"}},
    {"LegalHoldPlaced.basis", {"what it rests on", "fondement"}},
    {"LegalHoldReleased.basis", {"what it rests on", "fondement"}},
    {"StayEnded.kind", {"how it ended", "façon dont il s’est terminé"}},
    {"SummativeEvaluationRecorded.basis",
     {"accomplishment it includes", "réalisation qu’elle comprend"}},
    {"TutorReportSubmitted.kind", {"kind of report", "genre de rapport"}},
    {"TutorReportSubmitted.not_observed", {"objective not observed", "objectif non observé"}},

    {"accompaniment", {"how the company accompanies", "accompagnement par l’entreprise"}},
    {"activities", {"activity", "activité"}},
    {"activity", {"activity", "activité"}},
    {"about_index", {"event of that record", "événement de cet enregistrement"}},
    {"about_seq", {"record it is about", "enregistrement visé"}},
    {"attempt", {"attempt", "essai"}},
    {"attempts", {"attempts elsewhere", "essais ailleurs"}},
    {"based_on_seqs", {"record it was decided by", "enregistrement qui la fonde"}},
    {"born_on", {"date of birth", "date de naissance"}},
    {"by_company", {"by the company", "par l’entreprise"}},
    {"cause", {"cause", "cause"}},
    {"code", {"code", "code"}},
    {"cohort_id", {"cohort", "cohorte"}},
    {"comment", {"comment", "commentaire"}},
    {"company_id", {"company", "entreprise"}},
    {"content_mac", {"fingerprint of the identity", "empreinte de l’identité"}},
    {"corrected_index", {"event of that record", "événement de cet enregistrement"}},
    {"corrected_seq", {"record that said it before", "enregistrement qui le disait avant"}},
    {"criteria", {"performance criterion", "critère de performance"}},
    {"document_ref", {"the school’s reference", "référence de l’école"}},
    {"due_on", {"due on", "échéance"}},
    {"email", {"electronic mail", "courriel"}},
    {"end", {"how it ended", "façon dont elle a pris fin"}},
    {"ended_on", {"last day", "dernier jour"}},
    {"ends_on", {"planned last day", "dernier jour prévu"}},
    {"evaluator_id", {"evaluator", "évaluateur"}},
    {"evidence_ref", {"the school’s reference of the evidence", "référence de la preuve"}},
    {"expires_on", {"until", "jusqu’au"}},
    {"external_id", {"the school’s code of the person", "code de la personne à l’école"}},
    {"family_name", {"family name", "nom de famille"}},
    {"file_sha256", {"fingerprint of the file", "empreinte du fichier"}},
    {"from_on", {"from", "à partir du"}},
    {"given_name", {"given name", "prénom"}},
    {"group_id", {"group of stays", "groupe de séjours"}},
    {"guardian", {"guardian", "titulaire de l’autorité parentale"}},
    {"identity", {"identity", "identité"}},
    {"in_alternance", {"in work-study", "en alternance"}},
    {"issuer", {"key that signed it", "clé qui l’a signé"}},
    {"issuing_school", {"school that issued it", "école émettrice"}},
    {"issuing_school_name", {"name of that school", "nom de cette école"}},
    {"kept_until_on", {"kept until", "conservé jusqu’au"}},
    {"kind", {"kind", "genre"}},
    {"language", {"language", "langue"}},
    {"late", {"held after the start", "tenue après le début"}},
    {"logged_minutes", {"minutes logged", "minutes consignées"}},
    {"lookup_mac", {"fingerprint of the school’s code", "empreinte du code à l’école"}},
    {"minutes", {"minutes", "minutes"}},
    {"missing", {"what lacked", "ce qui manquait"}},
    {"module", {"module", "module"}},
    {"module_codes", {"module", "module"}},
    {"modules", {"module", "module"}},
    {"objective", {"objective", "objectif"}},
    {"objectives", {"objective", "objectif"}},
    {"observation_number", {"observation number", "numéro de l’observation"}},
    {"observation_numbers", {"observation it closes", "observation qu’il clôt"}},
    {"obtained_on", {"obtained on", "obtenu le"}},
    {"origin", {"where it comes from", "provenance"}},
    {"outcome", {"what became of the activity", "ce qu’il est advenu de l’activité"}},
    {"outcomes", {"what became of the activity", "ce qu’il est advenu de l’activité"}},
    {"owner_id", {"who sees to it", "responsable"}},
    {"performed_in_stay_id", {"stay that performed it", "séjour où elle a été réalisée"}},
    {"period_days", {"days in a period", "jours par période"}},
    {"person_id", {"person", "personne"}},
    {"plan_version", {"version of the training plan", "version du plan de formation"}},
    {"planned_minutes", {"planned minutes", "minutes prévues"}},
    {"policy_version", {"version of the school’s policy", "version de la politique de l’école"}},
    {"prescribed", {"prescribed practicum", "stage prescrit"}},
    {"previous_id", {"until the day before", "jusqu’à la veille"}},
    {"programme", {"programme", "programme"}},
    {"programme_code", {"programme", "programme"}},
    {"programme_codes", {"programme", "programme"}},
    {"proposal_number", {"proposal number", "numéro de la proposition"}},
    {"reason", {"reason", "motif"}},
    {"recognised_by", {"recognised by", "reconnu par"}},
    {"refused_since", {"why the correction was refused", "motif du refus de rectifier"}},
    {"remarks", {"remarks", "remarques"}},
    {"request_seq", {"record of the request", "enregistrement de la demande"}},
    {"result", {"result", "résultat"}},
    {"rhythm", {"contacts to come", "contacts à venir"}},
    {"role", {"role", "rôle"}},
    {"sat_from_on", {"first sitting", "première séance"}},
    {"sat_to_on", {"last sitting", "dernière séance"}},
    {"scale_version",
     {"policy version of the scale", "version de la politique qui fixe l’échelle"}},
    {"scope", {"over", "sur"}},
    {"sequence_id", {"sequence", "séquence"}},
    {"sequence_version", {"version of the sequence", "version de la séquence"}},
    {"session_id", {"session", "séance"}},
    {"shares", {"share of a module", "part d’un module"}},
    {"started_on", {"first day", "premier jour"}},
    {"starts_on", {"planned first day", "premier jour prévu"}},
    {"statement", {"what the person says", "ce que dit la personne"}},
    {"stay_id", {"stay", "séjour"}},
    {"student_ids", {"student", "élève"}},
    {"supervision", {"how activities are supervised", "supervision des activités"}},
    {"supervisor_id", {"school supervisor", "enseignant superviseur"}},
    {"telephone", {"telephone", "téléphone"}},
    {"terms", {"terms", "modalités"}},
    {"text", {"words", "propos"}},
    {"topics", {"topic", "sujet"}},
    {"transfer_id", {"transfer", "transfert"}},
    {"tutor_id", {"workplace tutor", "tuteur en entreprise"}},
    {"type", {"type of sequence", "type de séquence"}},
    {"version", {"version", "version"}},
    {"whole_school", {"the whole school", "toute l’école"}},
    {"word", {"word of the scale", "mot de l’échelle"}},
    {"wording", {"wording", "énoncé"}},
    {"words", {"words", "propos"}},
};

template <size_t kSize>
const InBoth* Find(const Named (&table)[kSize], std::string_view name) {
  const auto found = std::ranges::find(table, name, &Named::name);
  return found == std::end(table) ? nullptr : &found->words;
}

}  // namespace

const InBoth* EventWordsOf(const google::protobuf::Descriptor& event) {
  return Find(kEvents, event.name());
}

const InBoth* FieldWordsOf(const google::protobuf::FieldDescriptor& field) {
  const std::string of_message = field.containing_type()->name() + "." + field.name();
  const InBoth* words = Find(kFields, of_message);
  return words != nullptr ? words : Find(kFields, field.name());
}

}  // namespace jalon::domain
