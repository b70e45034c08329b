#include "services/cli/root_since.h"

#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/trail/note.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using trail::v1::GetRootConsistencyProofResponse;

struct Opened {
  trail::Note note;
  trail::Checkpoint checkpoint;
};

std::optional<Opened> Open(const std::string& bytes) {
  auto note = trail::ParseNote(bytes);
  if (!note) return std::nullopt;
  auto checkpoint = trail::ParseCheckpoint(note->text);
  if (!checkpoint) return std::nullopt;
  return Opened{.note = *std::move(note), .checkpoint = *std::move(checkpoint)};
}

// All logs of a deployment have one key: the one printed counts under the log's own name.
bool IsSigned(const Opened& opened, const RootKeys& keys) {
  std::vector<trail::VerifierKey> known = keys.given;
  if (known.empty()) {
    if (const auto printed = trail::ParseVerifierKey(keys.printed)) {
      known.push_back(
          trail::MakeVerifierKey(opened.checkpoint.origin, trail::KeyType::kLog, printed->key));
    }
  }
  std::erase_if(known, [&](const trail::VerifierKey& key) {
    return key.type != trail::KeyType::kLog || key.name != opened.checkpoint.origin;
  });
  return trail::OpenNote(opened.note, known).has_value();
}

SinceFlaw Malformed(const std::string& file, Language language) {
  return {ExitCode::kMalformed, Say(language,
                                    {"MALFORMED: {} is no signed checkpoint",
                                     "MAL FORMÉ : {} n'est pas un point de "
                                     "contrôle signé"},
                                    file)};
}

SinceFlaw Unsigned(const std::string& file, Language language) {
  return {
      ExitCode::kUnsigned,
      Say(language,
          {"UNSIGNED: {} is not signed by the root log's key: it is damaged, or by another key, "
           "and says nothing against the log. Find a good copy; if the key was changed since, "
           "give both verifier keys, the old one and the new one",
           "NON SIGNÉ : {} n'est pas signé par la clé du journal racine : endommagé, ou d'une "
           "autre clé, il ne dit rien contre le journal. Trouvez-en une bonne copie; si la clé "
           "a changé depuis, donnez les deux clés de vérification, l'ancienne et la nouvelle"},
          file)};
}

SinceFlaw Forked(uint64_t size, Language language) {
  return {ExitCode::kForked,
          Say(language,
              {"FORKED: the root log does not begin with the {} entries that the file was signed "
               "for. Keep the file, and what you get without --since: they are the evidence",
               "BIFURQUÉ : le journal racine ne commence pas par les {} entrées pour lesquelles le "
               "fichier a été signé. Gardez le fichier, et ce que vous obtenez sans --since : ils "
               "en sont la preuve"},
              size)};
}

}  // namespace

std::expected<KeptAndNow, SinceFlaw> OpenBoth(const std::string& kept, const std::string& file,
                                              const std::string& note, const RootKeys& keys,
                                              Language language) {
  const std::string shown = Say(language, {"what the server shows", "ce que montre le serveur"});
  const auto old = Open(kept);
  if (!old) return std::unexpected(Malformed(file, language));
  const auto now = Open(note);
  if (!now) return std::unexpected(Malformed(shown, language));
  const trail::Checkpoint& before = old->checkpoint;
  if (before.origin != now->checkpoint.origin) {
    return std::unexpected(SinceFlaw{
        ExitCode::kWrongOrigin,
        Say(language,
            {"the file is of {}, and this is {}: name the one that you kept of this log",
             "le fichier est de {}, et ceci est {} : nommez celui que vous avez gardé de ce "
             "journal"},
            Printable(before.origin), Printable(now->checkpoint.origin))});
  }
  if (!IsSigned(*old, keys)) return std::unexpected(Unsigned(file, language));
  if (!IsSigned(*now, keys)) return std::unexpected(Unsigned(shown, language));
  if (before.size > now->checkpoint.size) {
    return std::unexpected(SinceFlaw{
        ExitCode::kTruncated,
        Say(language,
            {"TRUNCATED: the file was signed for {} entries, and the root log has {}. Keep the "
             "file, and what you get without it: they are the evidence",
             "TRONQUÉ : le fichier a été signé pour {} entrées, et le journal racine en a {}. "
             "Gardez le fichier, et ce que vous obtenez sans lui : ils en sont la preuve"},
            before.size, now->checkpoint.size)});
  }
  if (before.size == now->checkpoint.size && before.root != now->checkpoint.root) {
    return std::unexpected(Forked(before.size, language));
  }
  return KeptAndNow{.kept = before, .now = now->checkpoint};
}

std::optional<trail::Proof> HashesOf(const GetRootConsistencyProofResponse& proof) {
  trail::Proof hashes;
  for (const std::string& hash : proof.hashes()) {
    if (hash.size() != sizeof(Hash)) return std::nullopt;
    hashes.push_back(HashFrom(hash));
  }
  return hashes;
}

std::optional<SinceFlaw> CheckGoesOn(const GetRootConsistencyProofResponse& proof, KeptAndNow* both,
                                     Language language) {
  const trail::Checkpoint& kept = both->kept;
  const trail::Checkpoint& now = both->now;
  auto hashes = HashesOf(proof);
  if (hashes && trail::VerifyConsistency(kept.size, kept.root, now.size, now.root, *hashes)) {
    both->hashes = *std::move(hashes);
    return std::nullopt;
  }
  const bool is_between = 0 < kept.size && kept.size < now.size;
  const bool is_shown =
      hashes && is_between && trail::OldRootOfConsistency(kept.size, now.size, now.root, *hashes);
  if (is_shown || proof.old_root() != View(kept.root)) return Forked(kept.size, language);
  return SinceFlaw{
      ExitCode::kAltered,
      Say(language,
          {"ALTERED: the proof that the server gave does not lead from the {} entries of the file "
           "to the {} of the root log. Ask again, or another node; if it stays so, keep the file "
           "and what you get without --since: nobody showed that the log goes on",
           "ALTÉRÉ : la preuve donnée par le serveur ne mène pas des {} entrées du fichier aux {} "
           "du journal racine. Redemandez, ou à un autre nœud; si cela reste, gardez le fichier et "
           "ce que vous obtenez sans --since : nul n'a montré que le journal continue"},
          kept.size, now.size)};
}

Field RootKeyField(std::string name, std::vector<trail::VerifierKey>* into) {
  return {.name = std::move(name),
          .value = "VKEY",
          .help = {"the root log's verifier key, known from elsewhere; again for the one before a "
                   "change. Else the one that the server prints",
                   "la clé de vérification du journal racine, connue d'ailleurs; à répéter pour "
                   "celle d'avant un changement. Sinon celle que le serveur affiche"},
          .read =
              [into](const std::string& text) {
                auto key = trail::ParseVerifierKey(text);
                if (!key || key->type != trail::KeyType::kLog) return false;
                into->push_back(*std::move(key));
                return true;
              },
          .expects = Words{"expected: a log's verifier key, 'name+1a2b3c4d+AQ…'",
                           "attendu : la clé de vérification d'un journal, « nom+1a2b3c4d+AQ… »"},
          .many = true};
}

}  // namespace jalon::cli
