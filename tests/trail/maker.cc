// Makes what the tests of this folder check: exports of any size, and notes and proofs for the
// program in go/.
//
// Usage: trail_maker export FOLDER ENTRIES BYTES      prints the verifier key
//        trail_maker samples FOLDER
//        trail_maker rewrite EXPORT FOLDER SEED ENTRY   the export with a bit of that entry
//                                                       turned, signed anew by the key of that seed
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <map>
#include <string_view>
#include <tuple>

#include "eventstore/trail/base64.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/export_writer.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/trail_testing.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

constexpr size_t kProofsOfSizeMax = 70;
constexpr size_t kEnvelopeBytes = 84;  // of TrailEvent, beside its payload

std::string LogVerifier() { return FormatVerifierKey(LogKey().verifier()); }

Result<void> WriteExport(const std::string& folder, uint64_t size, size_t bytes) {
  JALON_ASSIGN_OR_RETURN(ExportFolder files, ExportFolder::Create(folder));
  ExportWriter writer(files);
  for (uint64_t i = 0; i < size; ++i) {
    // Between half and one and a half times as many.
    const size_t length = bytes / 2 + i * 7919 % (bytes + 1);
    JALON_RETURN_IF_ERROR(
        writer.Append(TrailEvent(i, length < kEnvelopeBytes ? 0 : length - kEnvelopeBytes)));
  }
  const std::string text =
      FormatCheckpoint({.origin = std::string(kOrigin), .size = size, .root = writer.Root()});
  return writer.Finish(FormatNote({.text = text, .lines = {SignText(text, LogKey())}}));
}

int ExitCodeOf(const Result<void>& done) {
  if (!done) fmt::print(stderr, "{}\n", done.error().message);
  return done ? 0 : 1;
}

int MakeExport(const std::string& folder, uint64_t size, size_t bytes) {
  const int exit_code = ExitCodeOf(WriteExport(folder, size, bytes));
  if (exit_code == 0) fmt::print("{}\n", LogVerifier());
  return exit_code;
}

std::string Words(const Proof& proof) {
  std::string words;
  for (const Hash& hash : proof) words += ' ' + ToBase64(View(hash));
  return words;
}

// By our own code: a frontier that grows, proofs from the nodes that it said to keep.
std::string Proofs() {
  std::map<std::tuple<unsigned, uint64_t>, Hash> nodes;
  const NodeReader read = [&nodes](Node node) -> Result<Hash> {
    return nodes.at(std::tuple(node.level, node.index));
  };
  std::vector<std::string> roots = {ToBase64(View(EmptyRoot()))};
  Frontier frontier;
  std::string lines;
  for (size_t size = 1; size <= kProofsOfSizeMax; ++size) {
    frontier.Append(LeafHash(TrailEvent(size - 1)), [&nodes](Node node, const Hash& hash) {
      nodes[std::tuple(node.level, node.index)] = hash;
    });
    roots.push_back(ToBase64(View(frontier.Root())));
    for (size_t index = 0; index < size; ++index) {
      lines += fmt::format("inclusion {} {} {} {}{}\n", index, size,
                           ToBase64(View(nodes.at(std::tuple(0U, index)))), roots[size],
                           Words(InclusionProof(index, size, read).value()));
    }
    for (size_t old_size = 1; old_size <= size; ++old_size) {
      lines += fmt::format("consistency {} {} {} {}{}\n", old_size, size, roots[old_size],
                           roots[size], Words(ConsistencyProof(old_size, size, read).value()));
    }
  }
  return lines;
}

std::string Notes(const std::filesystem::path& folder) {
  const std::string both = LogVerifier() + ',' + FormatVerifierKey(WitnessKey().verifier());
  const std::string text = ParseNote(SignedCheckpoint(TrailEvents(9), LogKey()))->text;
  const Note good{.text = text,
                  .lines = {SignText(text, LogKey()), Cosign(text, WitnessKey(), 1767225600)}};
  WriteAll(folder / "good", FormatNote(good));
  std::string lines = fmt::format("open {} good\n", both);
  for (size_t line = 0; line < good.lines.size(); ++line) {
    Note bad = good;
    bad.lines[line].signature[10] ^= 1;
    WriteAll(folder / fmt::format("bad{}", line), FormatNote(bad));
    lines += fmt::format("refuse {} bad{}\n", both, line);
  }
  return lines;
}

int MakeSamples(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  WriteAll(folder / "proofs", Proofs());
  WriteAll(folder / "notes", Notes(folder));
  std::string exports;
  for (const uint64_t size : {0, 1, 255, 256, 257, 1000, 66'000}) {
    const std::string name = fmt::format("export{}", size);
    if (MakeExport((folder / name).string(), size, 120) != 0) return 1;
    exports += fmt::format("export {} {}\n", LogVerifier(), name);
  }
  WriteAll(folder / "exports", exports);
  return 0;
}

std::vector<std::string> EntriesOf(const std::filesystem::path& exported, uint64_t size) {
  std::vector<std::string> entries;
  while (entries.size() < size) {
    const Tile place = TileOf(0, entries.size(), size);
    const std::string bundle = ReadAll(exported / BundlePath(place.index, place.width));
    for (size_t at = 0; at + 2 <= bundle.size();) {
      const size_t length =
          static_cast<uint8_t>(bundle[at]) * size_t{256} + static_cast<uint8_t>(bundle[at + 1]);
      entries.push_back(bundle.substr(at + 2, length));
      at += 2 + length;
    }
  }
  return entries;
}

// What whoever runs a log could do to it: one entry is another, and every hash and signature right.
Result<void> Rewrite(const std::filesystem::path& exported, const std::string& folder,
                     const std::string& seed_hex, uint64_t entry) {
  Checkpoint checkpoint =
      ParseCheckpoint(ParseNote(ReadAll(exported / "checkpoint"))->text).value();
  const SignerKey key(checkpoint.origin, KeyType::kLog, HashOf(seed_hex));
  JALON_ASSIGN_OR_RETURN(ExportFolder files, ExportFolder::Create(folder));
  ExportWriter writer(files);
  std::vector<std::string> entries = EntriesOf(exported, checkpoint.size);
  entries.at(entry).back() = static_cast<char>(entries.at(entry).back() ^ 1);
  for (const std::string& bytes : entries) JALON_RETURN_IF_ERROR(writer.Append(bytes));
  checkpoint.root = writer.Root();
  const std::string text = FormatCheckpoint(checkpoint);
  return writer.Finish(FormatNote({.text = text, .lines = {SignText(text, key)}}));
}

uint64_t Number(const char* text) {
  uint64_t number = 0;
  std::from_chars(text, text + std::string_view(text).size(), number);
  return number;
}

}  // namespace
}  // namespace jalon::trail

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "export" && argc == 5) {
    return jalon::trail::MakeExport(argv[2], jalon::trail::Number(argv[3]),
                                    jalon::trail::Number(argv[4]));
  }
  if (what == "rewrite" && argc == 6) {
    return jalon::trail::ExitCodeOf(
        jalon::trail::Rewrite(argv[2], argv[3], argv[4], jalon::trail::Number(argv[5])));
  }
  if (what == "samples" && argc == 3) return jalon::trail::MakeSamples(argv[2]);
  fmt::print(stderr,
             "usage: trail_maker export FOLDER ENTRIES BYTES | samples FOLDER | rewrite "
             "EXPORT FOLDER SEED ENTRY\n");
  return 2;
}
