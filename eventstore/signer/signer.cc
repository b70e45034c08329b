#include "eventstore/signer/signer.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "eventstore/base/check.h"
#include "eventstore/trail/note.h"

namespace jalon::eventstore {
namespace {

using trail::Checkpoint;

std::unexpected<Error> SignedOtherwise(const Checkpoint& checkpoint, const Checkpoint& last) {
  return Fail(Code::kFailedPrecondition, "SIGNED_OTHERWISE",
              fmt::format("{} at {} entries does not go on from what was signed at {}: the log or "
                          "its views were changed or put back from a backup, or another log was "
                          "signed with this key; nothing is signed until it is known which",
                          checkpoint.origin, checkpoint.size, last.size));
}

std::unexpected<Error> SignedFurther(const Checkpoint& checkpoint, const Checkpoint& last) {
  return Fail(
      Code::kUnavailable, "SIGNED_FURTHER",
      fmt::format("{} was signed at {} entries, so not at {} any more: ask again; if it stays "
                  "so, the log was put back from a backup that lacks signed entries, and a newer "
                  "one has to be put back; if there is none, 'jalon signer open-generation' says "
                  "what it costs to go on",
                  checkpoint.origin, last.size, checkpoint.size));
}

// Two origins of one hash share what is told of them, so an incident of the second might not be
// told; what is signed of either does not change.
uint64_t HashOf(const std::string& origin) { return std::hash<std::string>()(origin); }

}  // namespace

Result<bool> Signer::GoesOn(const ToSign& wanted) {
  const Checkpoint& checkpoint = wanted.checkpoint;
  JALON_ASSIGN_OR_RETURN(const std::optional<Checkpoint> last, memory_->Last(checkpoint.origin));
  if (!last) return true;
  if (last->size > checkpoint.size) return SignedFurther(checkpoint, *last);
  if (last->size == checkpoint.size) {
    if (last->root == checkpoint.root) return false;
    return SignedOtherwise(checkpoint, *last);
  }
  JALON_ASSIGN_OR_RETURN(const trail::Proof proof, wanted.prove(last->size));
  if (!trail::VerifyConsistency(last->size, last->root, checkpoint.size, checkpoint.root, proof)) {
    return SignedOtherwise(checkpoint, *last);
  }
  return true;
}

bool Signer::IsIncident(const Error& refusal, const std::string& origin) {
  if (refusal.reason == "SIGNED_OTHERWISE") return true;
  const uint64_t hash = HashOf(origin);
  return refusal.reason == "SIGNED_FURTHER" && !reached_.contains(hash) &&
         told_.insert(hash).second;
}

std::string Signer::NoteOf(const std::string& text, const std::string& name) const {
  trail::Note note{.text = text, .lines = {trail::SignText(text, keys_.now.Of(name))}};
  if (keys_.before) note.lines.push_back(trail::SignText(text, keys_.before->Of(name)));
  return trail::FormatNote(note);
}

Result<void> Signer::May() const {
  return claims_ == nullptr ? Result<void>() : claims_->MaySign();
}

Result<std::string> Signer::SignTransfer(const std::string& text, const std::string& name) const {
  JALON_CHECK(text.starts_with("jalon.transfer/") && text.ends_with('\n'));
  JALON_RETURN_IF_ERROR(May());
  return NoteOf(text, name);
}

Result<std::string> Signer::SignPublication(const std::string& text) const {
  JALON_CHECK(text.starts_with("jalon publication\n"));
  JALON_RETURN_IF_ERROR(May());
  return keys_.now.Of("jalon-publication").Sign(text);
}

std::vector<Result<std::string>> Signer::SignAll(std::span<const ToSign> wanted) {
  std::vector<Result<std::string>> notes(wanted.size());
  const auto refuse = [&notes](const Error& why) {
    for (Result<std::string>& note : notes) {
      if (note) note = std::unexpected(why);
    }
  };
  std::vector<Error> incidents;
  {
    MutexLock lock(mutex_);
    // One that waited for another call may have lost its seat meanwhile.
    if (const Result<void> may = May(); !may) {
      refuse(may.error());
      return notes;
    }
    std::vector<Checkpoint> news;
    for (size_t i = 0; i < wanted.size(); ++i) {
      // Twice in one call, it would be compared with a memory that does not know the first.
      JALON_CHECK(std::ranges::find(news, wanted[i].checkpoint.origin, &Checkpoint::origin) ==
                  news.end());
      const std::string& origin = wanted[i].checkpoint.origin;
      const Result<bool> goes_on = GoesOn(wanted[i]);
      if (goes_on) {
        reached_.insert(HashOf(origin));
        if (*goes_on) news.push_back(wanted[i].checkpoint);
      } else {
        if (IsIncident(goes_on.error(), origin)) incidents.push_back(goes_on.error());
        notes[i] = std::unexpected(goes_on.error());
      }
    }
    const Result<void> remembered = news.empty() ? Result<void>() : memory_->Remember(news);
    if (!remembered) refuse(remembered.error());
  }
  // Reading, proving and the sync take their time.
  if (const Result<void> may = May(); !may) refuse(may.error());
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!notes[i]) continue;
    const Checkpoint& checkpoint = wanted[i].checkpoint;
    notes[i] = NoteOf(trail::FormatCheckpoint(checkpoint), checkpoint.origin);
  }
  if (!on_refused_) return notes;
  for (const Error& incident : incidents) on_refused_(incident);
  return notes;
}

}  // namespace jalon::eventstore
