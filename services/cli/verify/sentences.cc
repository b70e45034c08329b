// What a verdict means to whoever asked: declared in findings.h.
#include <optional>

#include "eventstore/trail/tile.h"
#include "services/cli/verify/findings.h"

namespace jalon::cli {
namespace {

using trail::Finding;
using trail::Flaw;
using trail::Verdict;

// Of a file that the holder gave: it says nothing about the export.
Words SentenceOfHeld(Verdict verdict) {
  if (verdict == Verdict::kWrongOrigin) {
    return {
        "the entries are those that the key signed, but a file that you gave is about another "
        "trail, or its key was not given; give the right one",
        "les entrées sont celles que la clé a signées, mais un fichier que vous avez donné "
        "porte sur un autre registre, ou sa clé n'a pas été donnée; donnez ce qui convient"};
  }
  return {
      "the entries are those that the key signed, but a file that you gave is not what it "
      "should be; find a good copy of it",
      "les entrées sont celles que la clé a signées, mais un fichier que vous avez donné n'est "
      "pas ce qu'il devrait être; trouvez-en une bonne copie"};
}

// Where the flaw says more than its verdict does.
std::optional<Words> SentenceOf(Flaw flaw) {
  switch (flaw) {
    case Flaw::kQuorumNotMet:
      return Words{
          "the key signed it, but too few witnesses of your policy did; ask for an export "
          "that they have signed",
          "la clé l'a signée, mais trop peu des témoins de votre politique; demandez une "
          "exportation qu'ils ont signée"};
    case Flaw::kEntryIndex:
    case Flaw::kEntryTrail:
      return Words{
          "the key signed entries that are out of place; keep this export, it is the "
          "evidence, and ask whoever runs the log",
          "la clé a signé des entrées qui ne sont pas à leur place; gardez cette "
          "exportation, elle en est la preuve, et interrogez qui tient le journal"};
    case Flaw::kEntryTooLong:
    case Flaw::kEntryEnvelope:
      return Words{
          "the key signed what can be no entry of a trail, so that asking again changes "
          "nothing; keep this export, it is the evidence, and ask whoever runs the log",
          "la clé a signé ce qui ne peut être une entrée de registre : redemander n'y "
          "change rien; gardez cette exportation, elle en est la preuve, et interrogez "
          "qui tient le journal"};
    case Flaw::kOriginOfOtherEntries:
      return Words{
          "the key signed the entries of one trail under the name of another; keep this "
          "export, it is the evidence, and ask whoever runs the log",
          "la clé a signé les entrées d'un registre sous le nom d'un autre; gardez cette "
          "exportation, elle en est la preuve, et interrogez qui tient le journal"};
    case Flaw::kNoKnownSignature:
      return Words{
          "whoever holds the key does not stand for this; do not rely on it, unless the key was "
          "changed and a note of the old one says so",
          "le détenteur de la clé n'en répond pas; ne vous y fiez pas, à moins que la clé n'ait "
          "changé et qu'une note de l'ancienne le dise"};
    case Flaw::kOtherGeneration:
    case Flaw::kOtherGenerationLonger:
    case Flaw::kReceiptOtherEntryOfGeneration:
    case Flaw::kReceiptOfOtherGeneration:
      return Words{
          "what was signed in another generation is not all there; a new generation says only that "
          "whoever runs the log claims to have put it back from a backup: ask for evidence of "
          "that, and keep both files, they are evidence too",
          "il manque de ce qui a été signé dans une autre génération; une nouvelle génération dit "
          "seulement que qui tient le journal prétend l'avoir rétabli d'une sauvegarde : "
          "demandez-en la preuve, et gardez les deux fichiers, qui en sont une aussi"};
    case Flaw::kCosignedInFuture:
      return Words{"a witness has signed it at a time that has not come yet; check both clocks",
                   "un témoin l'a signée à une heure qui n'est pas encore venue; vérifiez les deux "
                   "horloges"};
    default:
      return std::nullopt;
  }
}

Words SentenceOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMalformed:
      return {"a file is not in its format; ask for it again, as it was sent",
              "un fichier n'a pas son format; redemandez-le, tel qu'il a été envoyé"};
    case Verdict::kWrongOrigin:
      return {"this is not about the trail of the key; ask for the right one",
              "ceci ne porte pas sur le registre de la clé; demandez le bon"};
    case Verdict::kUnsigned:
      return {"whoever holds the key does not stand for this; do not rely on it",
              "le détenteur de la clé n'en répond pas; ne vous y fiez pas"};
    case Verdict::kForked:
      return {"two histories were signed; keep both files, they are the evidence",
              "deux histoires ont été signées; gardez les deux fichiers, ils en sont la preuve"};
    case Verdict::kTruncated:
      return {"the trail was longer; keep both files, they are the evidence",
              "le registre était plus long; gardez les deux fichiers, ils en sont la preuve"};
    case Verdict::kReceiptMissing:
      return {"an accepted entry is not there; keep both files, they are the evidence",
              "une entrée acceptée n'y est pas; gardez les deux fichiers, ils en sont la preuve"};
    case Verdict::kStale:
      return {"it was not witnessed lately; ask for a newer export",
              "aucun témoin récent; demandez une exportation plus récente"};
    case Verdict::kAltered:
    case Verdict::kValid:
      break;
  }
  return {"this is not what was signed; keep this export, and ask for a new one",
          "ce n'est pas ce qui a été signé; gardez cette exportation, et demandez-en une nouvelle"};
}

}  // namespace

Words SentenceOf(const std::optional<Finding>& gravest) {
  if (!gravest) {
    return {"the entries are those that the key signed, whole and in order",
            "les entrées sont celles que la clé a signées, entières et dans l'ordre"};
  }
  const Verdict verdict = VerdictOf(gravest->flaw);
  const bool is_accusation = verdict == Verdict::kForked || verdict == Verdict::kTruncated ||
                             verdict == Verdict::kReceiptMissing;
  if (gravest->is_held && !is_accusation) return SentenceOfHeld(verdict);
  if (gravest->file == trail::kRootProofFile) {
    if (gravest->flaw == Flaw::kOriginOfNoKey) {
      return {
          "the entries are those that the key signed, but without the root log's key nobody "
          "can tell whether they were published; give it with --key",
          "les entrées sont celles que la clé a signées, mais sans la clé du journal racine nul "
          "ne peut dire si elles ont été publiées; donnez-la avec --key"};
    }
    return {
        "the entries are those that the key signed, but not proven to be published; ask for "
        "that proof again",
        "les entrées sont celles que la clé a signées, mais rien ne prouve qu'elles ont été "
        "publiées; redemandez cette preuve"};
  }
  if (gravest->file == trail::kRootConsistencyFile) {
    return {
        "the entries are those that the key signed, but not proven is that the root log goes on "
        "from the checkpoint that you kept; export again with --since-root and that file",
        "les entrées sont celles que la clé a signées, mais rien ne prouve que le journal racine "
        "continue depuis le point de contrôle que vous avez gardé; exportez de nouveau avec "
        "--since-root et ce fichier"};
  }
  if (const auto words = SentenceOf(gravest->flaw)) return *words;
  return SentenceOf(verdict);
}

}  // namespace jalon::cli
