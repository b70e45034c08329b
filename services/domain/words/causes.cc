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
      {"SAME_PERSON", "The same person asked for it.", "La même personne l’a demandée."},
  };
  return kCauses;
}

}  // namespace jalon::domain
