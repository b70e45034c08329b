#include "eventstore/signer/signer.h"

#include <fmt/format.h>

#include <optional>

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
                  "so, the log was put back from a backup that lacks signed entries",
                  checkpoint.origin, last.size, checkpoint.size));
}

}  // namespace

Result<void> Signer::Advance(const Checkpoint& checkpoint, const ProveExtends& prove) {
  JALON_ASSIGN_OR_RETURN(const std::optional<Checkpoint> last, memory_->Last(checkpoint.origin));
  if (last && last->size > checkpoint.size) return SignedFurther(checkpoint, *last);
  if (last && last->size == checkpoint.size) {
    if (last->root == checkpoint.root) return {};
    return SignedOtherwise(checkpoint, *last);
  }
  if (last) {
    JALON_ASSIGN_OR_RETURN(const trail::Proof proof, prove(last->size));
    if (!trail::VerifyConsistency(last->size, last->root, checkpoint.size, checkpoint.root,
                                  proof)) {
      return SignedOtherwise(checkpoint, *last);
    }
  }
  return memory_->Remember({&checkpoint, 1});
}

Result<std::string> Signer::Sign(const Checkpoint& checkpoint, const ProveExtends& prove) {
  Result<void> advanced;
  {
    MutexLock lock(mutex_);
    advanced = Advance(checkpoint, prove);
  }
  if (!advanced) {
    if (advanced.error().reason == "SIGNED_OTHERWISE" && on_refused_) on_refused_(advanced.error());
    return std::unexpected(std::move(advanced).error());
  }
  const std::string text = trail::FormatCheckpoint(checkpoint);
  return trail::FormatNote(
      {.text = text, .lines = {trail::SignText(text, key_.Of(checkpoint.origin))}});
}

}  // namespace jalon::eventstore
