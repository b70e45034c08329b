#include "tests/faults/released.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "eventstore/base/check.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/proof.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::faults {
namespace {

constexpr char kReceipt = 'R';
constexpr char kCheckpoint = 'C';
constexpr size_t kHeadBytes = 1 + sizeof(uint32_t);  // before each: its kind, and its size

// The checkpoint that somebody with that key believes.
std::optional<trail::Checkpoint> Believed(const std::string& note,
                                          const eventstore::SigningKey& key) {
  const auto parsed = trail::ParseNote(note);
  if (!parsed) return std::nullopt;
  auto checkpoint = trail::ParseCheckpoint(parsed->text);
  if (!checkpoint) return std::nullopt;
  const trail::VerifierKey verifier = key.VerifierOf(checkpoint->origin);
  if (!trail::OpenNote(*parsed, {&verifier, 1})) return std::nullopt;
  return *std::move(checkpoint);
}

// Whether the receipt proves that the log's entry, which the trail has at its place, was accepted.
bool Proves(const trail::v1::Receipt& receipt, const trail::Checkpoint& checkpoint,
            const LogTrees& log) {
  const auto proof = trail::ParseTlogProof(receipt.tlog_proof());
  if (!proof || !proof->extra) return false;
  const auto line = trail::ParseReceiptLine(*proof->extra);
  const std::vector<std::string>& entries = log.Entries(receipt.trail());
  return line && line->trail == receipt.trail() && line->index == receipt.index() &&
         line->leaf == trail::LeafHash(receipt.entry()) && receipt.index() < entries.size() &&
         entries[receipt.index()] == receipt.entry() &&
         trail::VerifyInclusion(proof->index, checkpoint.size, trail::LeafHash(*proof->extra),
                                proof->hashes, checkpoint.root);
}

}  // namespace

std::string Complaints::Text() const {
  std::string text;
  for (const auto& [kind, what] : by_kind_) text += fmt::format("{}: {}\n", kind, what);
  return text;
}

ReleasedFile::ReleasedFile(const std::string& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  JALON_CHECK(file_ >= 0);
}
ReleasedFile::~ReleasedFile() { ::close(file_); }

void ReleasedFile::Add(const trail::v1::Receipt& receipt) const {
  Write(kReceipt, receipt.SerializeAsString());
}
void ReleasedFile::Add(const std::string& note) const { Write(kCheckpoint, note); }

void ReleasedFile::Write(char kind, const std::string& bytes) const {
  const auto size = static_cast<uint32_t>(bytes.size());
  std::string record(1, kind);
  record.append(reinterpret_cast<const char*>(&size), sizeof size).append(bytes);
  JALON_CHECK(::write(file_, record.data(), record.size()) == static_cast<ssize_t>(record.size()));
}

std::vector<Released> ReleasedFile::Read(const std::string& path, const eventstore::SigningKey& key,
                                         size_t known) {
  const std::string all = trail::ReadAll(path);
  std::vector<Released> released;
  std::string last_note;  // the receipts of one pass have one
  std::optional<trail::Checkpoint> last;
  for (size_t at = 0; at + kHeadBytes <= all.size();) {
    uint32_t size = 0;
    std::memcpy(&size, &all[at + 1], sizeof size);
    const char kind = all[at];
    at += kHeadBytes;
    if (at + size > all.size()) break;  // whoever wrote it was killed: it did not get out
    std::string note = all.substr(at, size);
    at += size;
    if (known != 0) {
      --known;
      continue;
    }
    Released& one = released.emplace_back();
    if (kind == kReceipt) {
      JALON_CHECK(one.receipt.emplace().ParseFromString(note));
      const auto proof = trail::ParseTlogProof(one.receipt->tlog_proof());
      note = proof ? proof->checkpoint : "";
    }
    if (note != last_note) last = Believed(note, key);
    last_note = std::move(note);
    one.checkpoint = last;
  }
  return released;
}

void CheckReleased(const std::vector<Released>& all, LogTrees& log, Complaints* complaints) {
  for (const auto& [receipt, checkpoint] : all) {
    if (!checkpoint) {
      complaints->Add("unsigned", receipt ? "a receipt" : "a checkpoint");
      continue;
    }
    const auto& [origin, size, root] = *checkpoint;
    const size_t there = log.Entries(origin).size();
    if (size > there) {
      complaints->Add("ahead", fmt::format("{} at {} entries of {}", origin, size, there));
    } else if (log.RootAt(origin, size) != root) {
      complaints->Add("other", fmt::format("{} at {} entries has another root", origin, size));
    }
    if (receipt && !Proves(*receipt, *checkpoint, log)) {
      complaints->Add("receipt", fmt::format("entry {} of {} is not there as it was receipted",
                                             receipt->index(), receipt->trail()));
    }
  }
}

}  // namespace jalon::faults
