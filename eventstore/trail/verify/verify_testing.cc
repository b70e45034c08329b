#include "eventstore/trail/verify/verify_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>

#include "eventstore/trail/export_writer.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tlog_witness.h"

namespace jalon::trail {
namespace {

std::string Signed(std::vector<std::string> entries, size_t size, const SignerKey& key) {
  entries.resize(size);
  return SignedCheckpoint(entries, key);
}

}  // namespace

std::vector<std::string> TrailEvents(uint64_t size) {
  std::vector<std::string> entries;
  for (uint64_t i = 0; i < size; ++i) entries.push_back(TrailEvent(i, 20 + i % 50));
  return entries;
}

std::filesystem::path Export(const TempFolder& under, const std::vector<std::string>& entries,
                             const SignerKey& key) {
  std::filesystem::path folder;
  for (int i = 0; folder.empty() || std::filesystem::exists(folder); ++i) {
    folder = under.path() / ("export" + std::to_string(i));
  }
  auto files = ExportFolder::Create(folder);
  EXPECT_TRUE(files);
  ExportWriter writer(*files);
  for (const std::string& entry : entries) EXPECT_TRUE(writer.Append(entry));
  const std::string text = FormatCheckpoint(
      {.origin = key.verifier().name, .size = writer.size(), .root = writer.Root()});
  EXPECT_TRUE(writer.Finish(FormatNote({.text = text, .lines = {SignText(text, key)}})));
  return folder;
}

Evidence OlderOf(const std::vector<std::string>& entries, size_t size, const SignerKey& key) {
  return {.file = "older", .bytes = Signed(entries, size, key), .entry = {}};
}

Evidence ReceiptOf(const std::vector<std::string>& entries, size_t index, size_t size) {
  return {.file = "receipt",
          .bytes = FormatTlogProof({.extra = {},
                                    .index = index,
                                    .hashes = NaiveTree(LeavesOf(entries)).Inclusion(index, size),
                                    .checkpoint = Signed(entries, size, LogKey())}),
          .entry = {}};
}

Evidence ReceiptByLine(const std::string& entry, uint64_t index, std::string_view trail,
                       const SignerKey& log) {
  const std::string line =
      FormatReceiptLine({.trail = std::string(trail), .index = index, .leaf = LeafHash(entry)});
  const std::vector<std::string> lines = {"another\n", line, "a third\n"};
  return {.file = "receipt",
          .bytes = FormatTlogProof({.extra = line,
                                    .index = 1,
                                    .hashes = NaiveTree(LeavesOf(lines)).Inclusion(1, lines.size()),
                                    .checkpoint = SignedCheckpoint(lines, log)}),
          .entry = {}};
}

PublishedIn::PublishedIn(const std::filesystem::path& folder, size_t size, size_t at,
                         const std::string& history, const SignerKey& key)
    : folder_(folder), at_(at), key_(key), tree_([&] {
        std::vector<std::string> published;
        for (size_t i = 0; i < size; ++i) {
          published.push_back("another.example/trail/1\n" + std::to_string(i) + "\nroot\n");
        }
        published[0] += history;
        published[at] = ParseNote(ReadAll(folder / "checkpoint")).value().text;
        return NaiveTree(LeavesOf(published));
      }()) {}

std::string PublishedIn::Text(size_t size) {
  return FormatCheckpoint({.origin = key_.verifier().name, .size = size, .root = tree_.Root(size)});
}

std::string PublishedIn::NoteOf(size_t size, const std::vector<SignatureLine>& more) {
  Note note{.text = Text(size), .lines = {SignText(Text(size), key_)}};
  note.lines.insert(note.lines.end(), more.begin(), more.end());
  return FormatNote(note);
}

SignatureLine PublishedIn::CosignatureOf(size_t size, uint64_t time_s, const SignerKey& key) {
  return Cosign(Text(size), key, time_s);
}

void PublishedIn::Prove(size_t size, const std::string& note) {
  WriteAll(
      folder_ / kRootProofFile,
      FormatTlogProof(
          {.extra = {}, .index = at_, .hashes = tree_.Inclusion(at_, size), .checkpoint = note}));
}

void PublishedIn::ProveSince(size_t old_size, size_t size, const std::string& note) {
  WriteAll(
      folder_ / kRootConsistencyFile,
      FormatAddCheckpoint(
          {.old_size = old_size, .hashes = tree_.Consistency(old_size, size), .checkpoint = note}));
  if (!std::has_single_bit(old_size)) return;
  WriteAll(folder_ / kRootNextFile,
           FormatTlogProof({.extra = std::string(View(tree_.leaf(old_size))),
                            .index = old_size,
                            .hashes = tree_.Inclusion(old_size, size),
                            .checkpoint = note}));
}

Report Verified(Question question) {
  if (question.keys.empty()) {
    question.keys = {LogKey().verifier(), LogKey(kReceiptsOrigin).verifier()};
  }
  auto report = VerifyExport(question);
  EXPECT_TRUE(report) << report.error().message;
  return report.value_or(Report{});
}

Report Verified(const std::filesystem::path& folder) {
  Question question;
  question.folder = folder;
  return Verified(question);
}

Flaw FirstFlaw(const Report& report) {
  return report.findings.empty() ? Flaw::kStale : report.findings.front().flaw;
}

void Tamper(const std::filesystem::path& file, const std::function<void(std::string&)>& change) {
  std::string bytes = ReadAll(file);
  const std::string before = bytes;
  change(bytes);
  EXPECT_NE(bytes, before) << file;
  WriteAll(file, bytes);
}

std::string Describe(const Report& report) {
  std::string text = fmt::format("verdict {}\n", static_cast<int>(report.verdict));
  for (const Finding& finding : report.findings) {
    text += fmt::format("  flaw {} file {} entry {} last {} number {}\n",
                        static_cast<int>(finding.flaw), finding.file, finding.entry.value_or(-1),
                        finding.last.value_or(-1), finding.number.value_or(-1));
  }
  return text;
}

}  // namespace jalon::trail
