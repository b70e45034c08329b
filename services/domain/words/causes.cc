// Causes. One that holds a number or a date, such as "GAP_3", speaks for itself and has no words.
#include "services/domain/words/words.h"

namespace jalon::domain {

std::span<const CauseWords> CausesInWords() {
  static constexpr CauseWords kCauses[] = {
      {"NOT_STARTED", "It has not started.", "Il n’est pas commencé."},
      {"NOT_ENDED", "It is still running.", "Il est encore en cours."},
      {"DATED_BEFORE_END", "The sitting is dated before its end.",
       "L’épreuve est datée d’avant sa fin."},
      {"LATER", "It was completed after that day.", "Elle a été terminée après ce jour."},
      {"NOT_ANSWERED", "The company has not answered.", "L’entreprise n’a pas répondu."},
      {"DECLINED", "The company declined it.", "L’entreprise l’a décliné."},
      {"EARLIER_PLAN", "It accepted an earlier plan.", "Elle a accepté un plan antérieur."},
      {"AFTER_THE_START", "It is dated after the start.", "Cela est daté d’après le début."},
      {"NOT_ATTESTED", "Nothing is attested.", "Rien n’est attesté."},
      {"EXPIRED", "The attestation has expired.", "L’attestation est échue."},
      {"NOT_PREPARED", "No session is recorded.", "Aucune rencontre n’est consignée."},
      {"SUCCESS", "It is a success.", "C’est une réussite."},
      {"OVER_THE_PLAN", "More is planned than the activity takes.",
       "Plus est prévu que l’activité ne demande."},
      {"NO_SUCH_PROPOSAL", "There is no such proposal to assent to.",
       "Il n’y a pas de telle proposition à agréer."},
      {"OWNER_IS_NOT_STAFF", "The owner named is not of the school’s staff.",
       "Le responsable nommé n’est pas du personnel du centre."},
      {"ROW_INFERRED", "A row was inferred.", "Une ligne a été déduite."},
      {"HOURS_DO_NOT_ADD_UP", "The hours do not add up.", "Les heures ne concordent pas."},
      {"NOT_INTERESTED", "It declared no interest in hosting.",
       "Elle n’a pas déclaré d’intérêt à accueillir."},
      {"NOT_REQUESTED", "Nobody has asked for it.", "Personne ne l’a demandée."},
      {"REQUEST_EXPIRED", "The request is too old.", "La demande est périmée."},
      {"NOTE_MALFORMED", "The note is no signed note of a transfer.",
       "La note n’est pas une note signée de transfert."},
      {"NOTE_ALTERED", "The note is not what its issuer signed.",
       "La note n’est pas ce que son émetteur a signé."},
      {"ISSUER_UNKNOWN", "Its issuer is not one that is trusted here.",
       "Son émetteur n’est pas reconnu ici."},
      {"OWN_SCHOOL", "It says that this school itself issued it.",
       "Il dit que ce centre lui-même l’a émis."},
      {"FILE_ALTERED", "The file is not the one that the note is about.",
       "Le fichier n’est pas celui dont parle la note."},
      {"OTHER_SCHOOL", "It is for another school.", "Il est destiné à une autre école."},
      {"NOT_SEALED_FOR_SCHOOL", "It was not sealed with this school’s key.",
       "Il n’a pas été scellé pour la clé de ce centre."},
      {"DOCUMENT_MALFORMED", "What was sealed is no document of a transfer.",
       "Ce qui était scellé n’est pas un document de transfert."},
      {"RECOGNITION", "Prior learning was recognised.", "Un acquis a été reconnu."},
      {"EQUIVALENCE", "It is an equivalence.", "C’est une équivalence."},
      {"TRANSFER", "Another school’s transfer says so.",
       "Le transfert d’une autre école l’atteste."},
      {"BEFORE_GO_LIVE", "It was given before the records were kept here.",
       "Il a été donné avant que les dossiers soient tenus ici."},
      {"SAME_PERSON", "The same person asked for it.", "La même personne l’a demandée."},
      {"OWN_ROLE", "It is your own role.", "C’est votre propre rôle."},
  };
  return kCauses;
}

}  // namespace jalon::domain
