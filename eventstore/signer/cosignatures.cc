#include "eventstore/signer/cosignatures.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "eventstore/base/durable_file.h"

namespace jalon::eventstore {
namespace {

using trail::Flaw;
using trail::Note;
using trail::SignatureLine;

std::unexpected<Error> Refused(const std::string& why) {
  return Fail(Code::kInvalidArgument, "COSIGNATURE_REFUSED", "cosignatures: " + why);
}

std::unexpected<Error> NotSigned(const std::string& why) {
  return Fail(Code::kFailedPrecondition, "ROOT_NOT_SIGNED",
              "checkpoint: " + why + "; give one that this deployment signed, byte for byte");
}

std::unexpected<Error> Unavailable(const std::string& path, const std::string& why) {
  return Fail(Code::kUnavailable, "SIGNER_UNAVAILABLE",
              fmt::format("what witnesses signed cannot be kept in {}: {}; check the disk, and "
                          "hand it in again",
                          path, why));
}

std::string NameOf(const SignatureLine& line) {
  return fmt::format("{}+{:08x}", line.name, line.key_id);
}

// What is wrong with lines that are none of a note.
std::string WordsOf(Flaw flaw) {
  switch (flaw) {
    case Flaw::kSignatureRepeated:
      return "a line stands twice; leave one out";
    case Flaw::kSignatureBase64:
      return "a line is not base64 in its one spelling; send what the witness answered";
    case Flaw::kTooManySignatures:
      return fmt::format("more than {} lines; hand in fewer", kCosignaturesMax);
    default:
      return "not signature lines (C2SP signed-note), each with its newline; send what the witness "
             "answered, byte for byte";
  }
}

// Whether it is one by which it can be kept what witnesses sign.
Result<void> Check(const trail::Policy& policy) {
  const auto is_wrong = [](const std::string& why) {
    return Fail(Code::kFailedPrecondition, "NO_WITNESSES", "the policy " + why);
  };
  if (policy.witnesses.empty()) {
    return is_wrong("names no witness: add lines 'witness NAME VERIFIER_KEY' (C2SP tlog-policy)");
  }
  if (policy.witnesses.size() > kWitnessesMax) {
    return is_wrong(fmt::format("names {} witnesses, and a checkpoint has room for the lines of {}",
                                policy.witnesses.size(), kWitnessesMax));
  }
  if (policy.NeedsWitnesses()) return {};
  return is_wrong(
      "needs no witness ('quorum none'), so a checkpoint that nobody signed would be as good as "
      "any: name those who are enough, such as 'group every all NAME...' and 'quorum every'");
}

// Makes it and the one above; their names survive a crash.
std::error_code MakeFolder(const std::string& folder) {
  const auto above = std::filesystem::path(folder).parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) error = SyncFolder(above.string());
  if (!error) error = SyncFolder(above.parent_path().string());
  return error;
}

}  // namespace

std::string Cosigned::Note() const {
  trail::Note note{.text = trail::FormatCheckpoint(checkpoint), .lines = log_lines};
  for (const auto& [witness, by] : this->by) note.lines.push_back(by.line);
  return trail::FormatNote(note);
}

Result<std::unique_ptr<Cosignatures>> Cosignatures::Open(Options options) {
  JALON_RETURN_IF_ERROR(Check(options.policy));
  if (const std::error_code failed = MakeFolder(options.folder)) {
    return Unavailable(options.folder, failed.message());
  }
  std::unique_ptr<Cosignatures> opened(new Cosignatures(std::move(options)));
  JALON_RETURN_IF_ERROR(opened->Load());
  return opened;
}

std::string Cosignatures::PathOf(uint64_t size) const {
  return fmt::format("{}/{}", options_.folder, size);
}

Result<void> Cosignatures::Load() {
  MutexLock lock(mutex_);
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(options_.folder, error)) {
    const std::string path = file.path().string();
    const auto size = trail::ParseDecimal(file.path().filename().string());
    if (!size) continue;  // what a crash left over, or was left before
    JALON_ASSIGN_OR_RETURN(auto cosigned, ReadKept(path, *size));
    if (cosigned) {
      kept_.emplace(*size, *std::move(cosigned));
    } else {
      left_.insert(*size);
    }
  }
  if (error) return Unavailable(options_.folder, error.message());
  Prune();
  return {};
}

Result<std::optional<Cosigned>> Cosignatures::ReadKept(const std::string& path,
                                                       uint64_t size) const {
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return Unavailable(path, "it cannot be read");
  const auto damaged = [&path] {
    return Fail(Code::kDataLoss, "COSIGNATURES_DAMAGED",
                fmt::format("{} is not what witnesses signed of this deployment's root log: move "
                            "it out of the folder and keep it, and ask them again with 'jalon "
                            "trail witness'",
                            path));
  };
  const auto note = trail::ParseNote(bytes);
  if (!note) return damaged();
  const auto checkpoint = trail::ParseCheckpoint(note->text);
  if (!checkpoint || checkpoint->size != size) return damaged();
  const auto is_of_log = [this](const SignatureLine& line) { return LogOf(line) != nullptr; };
  if (checkpoint->origin != origin() || std::ranges::none_of(note->lines, is_of_log)) {
    return std::nullopt;
  }
  auto cosigned = Verify(*note, INT64_MAX);
  if (!cosigned) return damaged();
  if (cosigned->by.empty()) return std::nullopt;
  return *std::move(cosigned);
}

std::optional<size_t> Cosignatures::WitnessOf(const SignatureLine& line) const {
  const auto& witnesses = options_.policy.witnesses;
  const auto found = std::ranges::find_if(witnesses, [&](const trail::VerifierKey& key) {
    return key.name == line.name && key.id == line.key_id;
  });
  if (found == witnesses.end()) return std::nullopt;
  return static_cast<size_t>(found - witnesses.begin());
}

const trail::VerifierKey* Cosignatures::LogOf(const SignatureLine& line) const {
  const auto found = std::ranges::find_if(options_.logs, [&](const trail::VerifierKey& key) {
    return key.name == line.name && key.id == line.key_id;
  });
  return found == options_.logs.end() ? nullptr : &*found;
}

Result<void> Cosignatures::VerifyLine(const SignatureLine& line, const std::string& text,
                                      uint64_t now_s, Cosigned* into) const {
  const Note alone{.text = text, .lines = {line}};
  if (const trail::VerifierKey* log = LogOf(line)) {
    if (!trail::OpenNote(alone, {log, 1})) return NotSigned(origin() + " has not signed it");
    into->log_lines.push_back(line);
    return {};
  }
  const auto witness = WitnessOf(line);
  if (!witness) return {};
  const auto opened = trail::OpenNote(alone, {&options_.policy.witnesses[*witness], 1});
  if (!opened) {
    return Refused(NameOf(line) + " has not signed this checkpoint: ask the witness again");
  }
  const uint64_t time_s = opened->front().time;
  if (time_s == 0) return Refused(NameOf(line) + " does not say when it signed: set its clock");
  if (time_s > now_s && time_s - now_s > trail::kWitnessAheadMaxS) {
    return Refused(
        fmt::format("{} signed {} seconds ahead of this node's clock, of at most {}: "
                    "set both clocks, and ask the witness again",
                    NameOf(line), time_s - now_s, trail::kWitnessAheadMaxS));
  }
  const auto [at, is_new] = into->by.try_emplace(*witness, Cosigned::By{line, time_s});
  if (!is_new && time_s > at->second.time_s) at->second = {line, time_s};
  return {};
}

Result<Cosigned> Cosignatures::Verify(const Note& note, uint64_t now_s) const {
  auto checkpoint = trail::ParseCheckpoint(note.text);
  if (!checkpoint) return NotSigned("not a checkpoint of three lines (C2SP tlog-checkpoint)");
  if (checkpoint->origin != origin()) {
    return NotSigned("it is of " + checkpoint->origin + ", and not of " + origin());
  }
  Cosigned cosigned{.checkpoint = *std::move(checkpoint), .log_lines = {}, .by = {}};
  for (const SignatureLine& line : note.lines) {
    JALON_RETURN_IF_ERROR(VerifyLine(line, note.text, now_s, &cosigned));
  }
  if (cosigned.log_lines.empty()) return NotSigned(origin() + " has not signed it");
  Judge(&cosigned);
  return cosigned;
}

void Cosignatures::Judge(Cosigned* cosigned) const {
  std::vector<bool> seen(options_.policy.witnesses.size());
  for (const auto& [witness, by] : cosigned->by) seen[witness] = true;
  cosigned->quorum_met = options_.policy.IsMetBy(seen);
}

Result<Cosigned> Cosignatures::Read(std::string_view checkpoint, std::string_view lines,
                                    uint64_t now_s) const {
  auto note = trail::ParseNote(checkpoint);
  if (!note) return NotSigned("not a signed note (C2SP signed-note) in its one spelling");
  const auto added = trail::ParseNote(note->text + '\n' + std::string(lines));
  // What holds an empty line would end the text elsewhere.
  if (!added || added->text != note->text) {
    return Refused(WordsOf(added ? Flaw::kSignatureLine : added.error()));
  }
  if (added->lines.size() > kCosignaturesMax) return Refused(WordsOf(Flaw::kTooManySignatures));
  const auto is_known = [this](const SignatureLine& line) { return WitnessOf(line).has_value(); };
  if (std::ranges::none_of(added->lines, is_known)) {
    return Refused(NameOf(added->lines.front()) +
                   " is no witness that this node was told of: add its verifier "
                   "key to the file of --witnesses, and restart the node");
  }
  for (const SignatureLine& line : added->lines) {
    if (!is_known(line)) continue;
    if (std::ranges::find(note->lines, line) == note->lines.end()) note->lines.push_back(line);
  }
  return Verify(*note, now_s);
}

Result<Cosignatures::Kept> Cosignatures::Keep(const Cosigned& read) {
  MutexLock lock(mutex_);
  const uint64_t size = read.checkpoint.size;
  Cosigned merged = read;
  const auto before = kept_.find(size);
  if (before != kept_.end()) {
    if (before->second.checkpoint != read.checkpoint) {
      return Fail(Code::kFailedPrecondition, "SIGNED_OTHERWISE",
                  fmt::format("witnesses have signed {} at {} entries with another root: the log "
                              "was changed or put back from a backup; keep both, and find out",
                              read.checkpoint.origin, size));
    }
    for (const SignatureLine& line : before->second.log_lines) {
      if (std::ranges::find(merged.log_lines, line) == merged.log_lines.end()) {
        merged.log_lines.push_back(line);
      }
    }
    for (const auto& [witness, by] : before->second.by) {
      const auto [at, is_new] = merged.by.try_emplace(witness, by);
      if (!is_new && by.time_s > at->second.time_s) at->second = by;
    }
    Judge(&merged);
  }
  if (before == kept_.end() || before->second.Note() != merged.Note()) {
    JALON_RETURN_IF_ERROR(Write(merged));
    kept_.insert_or_assign(size, merged);
    Prune();
  }
  return Kept{.cosigned = std::move(merged), .is_kept = kept_.contains(size)};
}

Result<void> Cosignatures::Write(const Cosigned& cosigned) const {
  const std::string path = PathOf(cosigned.checkpoint.size);
  const uint64_t size = cosigned.checkpoint.size;
  std::error_code failed;
  if (left_.contains(size) && !kept_.contains(size) && std::filesystem::exists(path)) {
    std::string before = path + ".before";
    for (int n = 2; std::filesystem::exists(before); ++n) {
      before = fmt::format("{}.before{}", path, n);
    }
    failed = RenameDurably(path, before);
  }
  if (!failed) failed = WriteFileDurably(path, cosigned.Note());
  if (failed) return Unavailable(path, failed.message());
  return {};
}

Result<void> Cosignatures::KeepForked(const Cosigned& read) {
  MutexLock lock(mutex_);
  std::error_code failed = MakeFolder(options_.forked);
  const std::string path = fmt::format("{}/{}", options_.forked, read.checkpoint.size);
  size_t kept = 0;
  if (!failed) {
    for (const auto& file : std::filesystem::directory_iterator(options_.forked, failed)) {
      if (file.path().string() == path) return {};
      ++kept;
    }
  }
  if (!failed && kept < kForkedMax) failed = CreateFileDurably(path, read.Note());
  if (failed) return Unavailable(path, failed.message());
  return {};
}

uint64_t Cosignatures::Largest() {
  MutexLock lock(mutex_);
  return kept_.empty() ? 0 : kept_.rbegin()->first;
}

void Cosignatures::Prune() {
  const auto met = std::ranges::find_if(kept_.rbegin(), kept_.rend(),
                                        [](const auto& kept) { return kept.second.quorum_met; });
  const size_t is_met = met == kept_.rend() ? 0 : 1;
  std::vector<uint64_t> dropped;
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (is_met == 1 && it->first == met->first) break;
    if (is_met == 1) dropped.push_back(it->first);
  }
  // What is newer, but for the newest of it.
  size_t newer = kept_.size() - dropped.size() - is_met;
  for (auto it = kept_.begin(); newer > kUnmetCheckpointsMax; ++it) {
    if (is_met == 1 && it->first <= met->first) continue;
    dropped.push_back(it->first);
    --newer;
  }
  for (const uint64_t size : dropped) {
    kept_.erase(size);
    // One that stays is dropped by the next start.
    std::error_code ignored;
    std::filesystem::remove(PathOf(size), ignored);
  }
}

std::optional<Cosigned> Cosignatures::Newest(uint64_t least, uint64_t most) {
  MutexLock lock(mutex_);
  const Cosigned* newest = nullptr;
  for (const auto& [size, cosigned] : kept_) {
    if (size < least || size > most) continue;
    if (newest == nullptr || cosigned.quorum_met || !newest->quorum_met) newest = &cosigned;
  }
  if (newest == nullptr) return std::nullopt;
  return *newest;
}

}  // namespace jalon::eventstore
