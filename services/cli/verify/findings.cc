#include "services/cli/verify/findings.h"

#include <utility>

#include "eventstore/trail/tile.h"

namespace jalon::cli {
namespace {

using trail::Finding;
using trail::Flaw;
using trail::Verdict;

struct FlawWords {
  Flaw flaw;
  std::string_view name;
  Words words;  // {0}: the entry; {1}: the last of a run; {2}: the number
};

// In the order of the enum, which a test holds it to.
constexpr FlawWords kFlaws[] = {
    {Flaw::kNotUtf8, "NOT_UTF8", {"it is not UTF-8", "ce n'est pas de l'UTF-8"}},
    {Flaw::kControlCharacter,
     "CONTROL_CHARACTER",
     {"it holds a control character, such as CR", "il contient un caractère de contrôle, tel CR"}},
    {Flaw::kNoLastNewline,
     "NO_LAST_NEWLINE",
     {"its last newline is missing", "son dernier saut de ligne manque"}},
    {Flaw::kNoSignatureBlock,
     "NO_SIGNATURE_BLOCK",
     {"no signature lines follow its text", "aucune ligne de signature ne suit son texte"}},
    {Flaw::kSignatureLine,
     "SIGNATURE_LINE",
     {"a line below its text is no signature line",
      "une ligne sous son texte n'est pas une ligne de signature"}},
    {Flaw::kSignatureBase64,
     "SIGNATURE_BASE64",
     {"a signature is not in the one spelling of its base64",
      "une signature n'est pas dans l'unique écriture de son base64"}},
    {Flaw::kSignatureRepeated,
     "SIGNATURE_REPEATED",
     {"a signature line stands there twice", "une ligne de signature s'y trouve deux fois"}},
    {Flaw::kTooManySignatures,
     "TOO_MANY_SIGNATURES",
     {"it has more signature lines than the 64 that are read",
      "il a plus que les 64 lignes de signature qu'on lit"}},
    {Flaw::kVerifierKey,
     "VERIFIER_KEY",
     {"it is no verifier key", "ce n'est pas une clé de vérification"}},
    {Flaw::kCheckpointLines,
     "CHECKPOINT_LINES",
     {"its text has not exactly three lines", "son texte n'a pas exactement trois lignes"}},
    {Flaw::kCheckpointOrigin,
     "CHECKPOINT_ORIGIN",
     {"its first line is no origin", "sa première ligne n'est pas une origine"}},
    {Flaw::kCheckpointSize,
     "CHECKPOINT_SIZE",
     {"its second line is no size", "sa deuxième ligne n'est pas une taille"}},
    {Flaw::kCheckpointRoot,
     "CHECKPOINT_ROOT",
     {"its third line is no root", "sa troisième ligne n'est pas une racine"}},
    {Flaw::kEmptyTreeRoot,
     "EMPTY_TREE_ROOT",
     {"an empty trail has another root", "un registre vide a une autre racine"}},
    {Flaw::kProofLines,
     "PROOF_LINES",
     {"it is no .tlog-proof file", "ce n'est pas un fichier .tlog-proof"}},
    {Flaw::kProofIndex, "PROOF_INDEX", {"its index line is wrong", "sa ligne d'index est fausse"}},
    {Flaw::kProofHash,
     "PROOF_HASH",
     {"a line of its proof is no hash", "une ligne de sa preuve n'est pas un condensat"}},
    {Flaw::kProofExtra,
     "PROOF_EXTRA",
     {"its extra line is no base64", "sa ligne « extra » n'est pas du base64"}},
    {Flaw::kReceiptLine,
     "RECEIPT_LINE",
     {"what it proves is no line of a receipts log",
      "ce qu'il prouve n'est pas une ligne d'un journal de récépissés"}},
    {Flaw::kConsistencyLines,
     "CONSISTENCY_LINES",
     {"it is no consistency proof with its checkpoint (C2SP tlog-witness)",
      "ce n'est pas une preuve de cohérence avec son point de contrôle (C2SP tlog-witness)"}},
    {Flaw::kPolicyLine,
     "POLICY_LINE",
     {"line {2} is none of a policy", "la ligne {2} n'est pas d'une politique"}},
    {Flaw::kPolicyKeyTwice,
     "POLICY_KEY_TWICE",
     {"line {2} names a public key that a line before it names too, and a policy may name each "
      "once. All logs of a deployment have one: leave the line out, and give this log's verifier "
      "key with --key, beside --policy",
      "la ligne {2} nomme une clé publique qu'une ligne d'avant nomme déjà, et une politique "
      "nomme chacune une fois. Tous les journaux d'un déploiement ont la même : retirez la ligne, "
      "et donnez la clé de vérification de ce journal avec --key, à côté de --policy"}},
    {Flaw::kPolicyKeyType,
     "POLICY_KEY_TYPE",
     {"line {2} names a key of a type that is not read here, and whose word would never count: a "
      "log's key is of type 0x01, and a witness's of type 0x04 (Ed25519). Ask the witness for such "
      "a key, or leave the line out",
      "la ligne {2} nomme une clé d'un type qu'on ne lit pas ici, et dont la parole ne compterait "
      "jamais : la clé d'un journal est du type 0x01, celle d'un témoin du type 0x04 (Ed25519). "
      "Demandez au témoin une telle clé, ou retirez la ligne"}},
    {Flaw::kPolicyControlCharacter,
     "POLICY_CONTROL_CHARACTER",
     {"line {2} holds a control character, such as the CR of a line end of Windows: save the file "
      "with line ends of LF alone",
      "la ligne {2} contient un caractère de contrôle, tel le CR d'une fin de ligne de Windows : "
      "enregistrez le fichier avec des fins de ligne LF seules"}},
    {Flaw::kPolicyQuorum, "POLICY_QUORUM", {"it names no quorum", "elle ne nomme pas de quorum"}},
    {Flaw::kRotationLines,
     "ROTATION_LINES",
     {"it is no note of a change of the key", "ce n'est pas une note de changement de clé"}},
    {Flaw::kEntryTooLong,
     "ENTRY_TOO_LONG",
     {"entry {0} is longer than the 65,535 bytes that the format can hold",
      "l'entrée {0} dépasse les 65 535 octets que le format peut contenir"}},
    {Flaw::kEntryEnvelope,
     "ENTRY_ENVELOPE",
     {"entry {0} is no event of a trail", "l'entrée {0} n'est pas un événement d'un registre"}},
    {Flaw::kOriginOfNoKey,
     "ORIGIN_OF_NO_KEY",
     {"it is of another origin than the key: another trail's checkpoint, or another trail's key",
      "son origine n'est pas celle de la clé : le point de contrôle, ou la clé, d'un autre "
      "registre"}},
    {Flaw::kOtherOrigin,
     "OTHER_ORIGIN",
     {"it is about another trail", "il porte sur un autre registre"}},
    {Flaw::kRotationOfOtherKey,
     "ROTATION_OF_OTHER_KEY",
     {"it says what comes after another key than the one that was given",
      "elle dit ce qui vient après une autre clé que celle qui a été donnée"}},
    {Flaw::kOriginOfOtherEntries,
     "ORIGIN_OF_OTHER_ENTRIES",
     {"its origin names another school or company than its entries do",
      "son origine nomme une autre école ou entreprise que ses entrées"}},
    {Flaw::kNoKnownSignature,
     "NO_KNOWN_SIGNATURE",
     {"the key has not signed it; if the deployment has changed its key since you were given this "
      "one, ask for its note of that change and give it with --rotation",
      "la clé ne l'a pas signé; si le déploiement a changé de clé depuis qu'on vous a donné "
      "celle-ci, demandez sa note de changement et donnez-la avec --rotation"}},
    {Flaw::kSignatureFails,
     "SIGNATURE_FAILS",
     {"a signature in the name of a known key is not that key's",
      "une signature au nom d'une clé connue n'est pas de cette clé"}},
    {Flaw::kQuorumNotMet,
     "QUORUM_NOT_MET",
     {"too few witnesses of the policy have signed it: {2}",
      "trop peu de témoins de la politique l'ont signé : {2}"}},
    {Flaw::kCheckpointChanged,
     "CHECKPOINT_CHANGED",
     {"one bit was changed since the key signed it",
      "un bit en a changé depuis que la clé l'a signé"}},
    {Flaw::kFileMissing, "FILE_MISSING", {"it is not there", "il n'y est pas"}},
    {Flaw::kFileLength,
     "FILE_LENGTH",
     {"it has another length than it must have", "il n'a pas la longueur qu'il doit avoir"}},
    {Flaw::kBundleFraming,
     "BUNDLE_FRAMING",
     {"from entry {0} on the entries cannot be told apart",
      "à partir de l'entrée {0} on ne peut plus distinguer les entrées"}},
    {Flaw::kEntryChanged,
     "ENTRY_CHANGED",
     {"entry {0} is not the one that was signed", "l'entrée {0} n'est pas celle qui a été signée"}},
    {Flaw::kEntryOrTileChanged,
     "ENTRY_OR_TILE_CHANGED",
     {"among the entries {0} to {1}, entries and the hashes that would tell which were both "
      "changed",
      "parmi les entrées {0} à {1}, des entrées et les condensats qui diraient lesquelles ont été "
      "changés"}},
    {Flaw::kTileChanged,
     "TILE_CHANGED",
     {"hash {2} of this tile was changed; the entries themselves are those that were signed",
      "le condensat {2} de cette tuile a été changé; les entrées sont celles qui ont été signées"}},
    {Flaw::kEntryIndex,
     "ENTRY_INDEX",
     {"entry {0} says of itself that it is entry {2}",
      "l'entrée {0} dit d'elle-même qu'elle est l'entrée {2}"}},
    {Flaw::kEntryTrail,
     "ENTRY_TRAIL",
     {"entry {0} is of another trail", "l'entrée {0} est d'un autre registre"}},
    {Flaw::kRootDiffers,
     "ROOT_DIFFERS",
     {"the entries and the tiles agree, but they are not what this checkpoint was signed for",
      "les entrées et les tuiles s'accordent, mais ne sont pas ce pour quoi ce point de contrôle a "
      "été signé"}},
    {Flaw::kConsistencyOtherSize,
     "CONSISTENCY_OTHER_SIZE",
     {"it proves what follows {2} entries, and not what follows the checkpoint that you gave",
      "il prouve ce qui suit {2} entrées, et non ce qui suit le point de contrôle que vous avez "
      "donné"}},
    {Flaw::kRootNotReached,
     "ROOT_NOT_REACHED",
     {"the checkpoint of the root log that you gave has {2} entries, and the one that this export "
      "is proven in has fewer: it is an older one, such as the last that witnesses signed, and "
      "says "
      "nothing of yours",
      "le point de contrôle du journal racine que vous avez donné a {2} entrées, et celui où cette "
      "exportation est prouvée en a moins : il est plus ancien, tel le dernier que des témoins ont "
      "signé, et ne dit rien du vôtre"}},
    {Flaw::kProofFails,
     "PROOF_FAILS",
     {"its proof does not lead to the root that was signed",
      "sa preuve ne mène pas à la racine signée"}},
    {Flaw::kForked,
     "FORKED",
     {"signed over {2} entries, which do not begin this trail as it is now",
      "signé sur {2} entrées, qui ne sont pas le début de ce registre tel qu'il est"}},
    {Flaw::kOtherGeneration,
     "OTHER_GENERATION",
     {"signed over {2} entries in another generation of this log, which are not the beginning of "
      "this one; whoever runs the log says that it was put back from a backup in between: ask for "
      "evidence of that",
      "signé sur {2} entrées dans une autre génération de ce journal, qui ne sont pas le début de "
      "celle-ci; qui tient le journal dit qu'il a été rétabli d'une sauvegarde entre les deux : "
      "demandez-en la preuve"}},
    {Flaw::kRootForked,
     "ROOT_FORKED",
     {"signed over {2} entries, which do not begin the root log that this export is in",
      "signé sur {2} entrées, qui ne sont pas le début du journal racine où est cette "
      "exportation"}},
    {Flaw::kReceiptOtherEntryOfGeneration,
     "RECEIPT_OTHER_ENTRY_OF_GENERATION",
     {"another entry than the one it proves, signed in generation {2}, stands at {0}; whoever runs "
      "the log says that it was put back from a backup since: ask for evidence of that",
      "une autre entrée que celle qu'il prouve, signée dans la génération {2}, est à la place {0}; "
      "qui tient le journal dit qu'il a été rétabli d'une sauvegarde depuis : demandez-en la "
      "preuve"}},
    {Flaw::kReceiptOtherEntry,
     "RECEIPT_OTHER_ENTRY",
     {"another entry than the one it proves stands at {0}",
      "une autre entrée que celle qu'il prouve est à la place {0}"}},
    {Flaw::kTruncated,
     "TRUNCATED",
     {"signed over {2} entries: this export has fewer",
      "signé sur {2} entrées : cette exportation en a moins"}},
    {Flaw::kOtherGenerationLonger,
     "OTHER_GENERATION_LONGER",
     {"signed over {2} entries in another generation of this log: this export has fewer; whoever "
      "runs the log says that it was put back from a backup in between: ask for evidence of that",
      "signé sur {2} entrées dans une autre génération de ce journal : cette exportation en a "
      "moins; qui tient le journal dit qu'il a été rétabli d'une sauvegarde entre les deux : "
      "demandez-en la preuve"}},
    {Flaw::kReceiptMissing,
     "RECEIPT_MISSING",
     {"the entry that it proves, {0}, is not in this export",
      "l'entrée qu'il prouve, {0}, n'est pas dans cette exportation"}},
    {Flaw::kReceiptOfOtherGeneration,
     "RECEIPT_OF_OTHER_GENERATION",
     {"the entry that it proves, {0}, was accepted in generation {2}, and is not in this export; "
      "whoever runs the log says that it was put back from a backup since: ask for evidence of "
      "that",
      "l'entrée qu'il prouve, {0}, a été acceptée dans la génération {2}, et n'est pas dans cette "
      "exportation; qui tient le journal dit qu'il a été rétabli d'une sauvegarde depuis : "
      "demandez-en la preuve"}},
    {Flaw::kCosignedInFuture,
     "COSIGNED_IN_FUTURE",
     {"a witness of the policy has signed it at a time that has not come yet, which does not "
      "count; "
      "check the clock of this machine, and ask the witness about its own",
      "un témoin de la politique l'a signé à une heure qui n'est pas encore venue, ce qui ne "
      "compte pas; vérifiez l'horloge de cette machine, et interrogez le témoin sur la sienne"}},
    {Flaw::kStale,
     "STALE",
     {"too few witnesses of the policy have signed it lately",
      "trop peu de témoins de la politique l'ont signé récemment"}},
};

const FlawWords& WordsOf(Flaw flaw) { return kFlaws[std::to_underlying(flaw)]; }

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMalformed:
      return "MALFORMED";
    case Verdict::kWrongOrigin:
      return "WRONG_ORIGIN";
    case Verdict::kUnsigned:
      return "UNSIGNED";
    case Verdict::kAltered:
      return "ALTERED";
    case Verdict::kForked:
      return "FORKED";
    case Verdict::kTruncated:
      return "TRUNCATED";
    case Verdict::kReceiptMissing:
      return "RECEIPT_MISSING";
    case Verdict::kStale:
      return "STALE";
    case Verdict::kValid:
      return "VALID";
  }
  return "";
}

Words VerdictWord(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMalformed:
      return {"MALFORMED", "MAL FORMÉ"};
    case Verdict::kWrongOrigin:
      return {"WRONG ORIGIN", "AUTRE ORIGINE"};
    case Verdict::kUnsigned:
      return {"UNSIGNED", "NON SIGNÉ"};
    case Verdict::kAltered:
      return {"ALTERED", "ALTÉRÉ"};
    case Verdict::kForked:
      return {"FORKED", "BIFURQUÉ"};
    case Verdict::kTruncated:
      return {"TRUNCATED", "TRONQUÉ"};
    case Verdict::kReceiptMissing:
      return {"RECEIPT MISSING", "RÉCÉPISSÉ SANS ENTRÉE"};
    case Verdict::kStale:
      return {"STALE", "PÉRIMÉ"};
    case Verdict::kValid:
      break;
  }
  return {"VALID", "VALIDE"};
}

ExitCode ExitCodeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMalformed:
      return ExitCode::kMalformed;
    case Verdict::kWrongOrigin:
      return ExitCode::kWrongOrigin;
    case Verdict::kUnsigned:
      return ExitCode::kUnsigned;
    case Verdict::kAltered:
      return ExitCode::kAltered;
    case Verdict::kForked:
      return ExitCode::kForked;
    case Verdict::kTruncated:
      return ExitCode::kTruncated;
    case Verdict::kReceiptMissing:
      return ExitCode::kReceiptMissing;
    case Verdict::kStale:
      return ExitCode::kStale;
    case Verdict::kValid:
      break;
  }
  return ExitCode::kOk;
}

std::string_view FlawName(Flaw flaw) { return WordsOf(flaw).name; }

std::string FindingText(const Finding& finding, Language language) {
  const uint64_t entry = finding.entry.value_or(0);
  const std::string text = Say(language, WordsOf(finding.flaw).words, entry,
                               finding.last.value_or(entry), finding.number.value_or(0));
  return finding.file.empty() ? text : Say(language, {"{}: {}", "{} : {}"}, finding.file, text);
}

}  // namespace jalon::cli
