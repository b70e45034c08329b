#include "eventstore/signer/key_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/hash.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/rotation.h"

namespace jalon::eventstore {
namespace {

// A note or a number is far smaller.
constexpr size_t kSmallFileBytesMax = 4096;

std::string PreviousIn(const std::string& folder) { return folder + "/previous"; }
std::string ErasingIn(const std::string& folder) { return folder + "/previous.erasing"; }
std::string NextIn(const std::string& folder) { return folder + "/key.next"; }
std::string RefusedIn(const std::string& folder) { return folder + "/refused"; }
std::string LostIn(const std::string& folder) { return folder + "/replaces-lost-key"; }
std::string GenerationIn(const std::string& folder) { return folder + "/generation"; }
std::string NoteIn(const std::string& folder, const trail::PublicKey& key) {
  return folder + "/rotation." + ToHex({reinterpret_cast<const char*>(key.data()), key.size()});
}

std::unexpected<Error> NotWritten(const std::string& path, const std::error_code& why) {
  return Fail(Code::kInternal, "SIGNER_KEY_NOT_WRITTEN",
              fmt::format("{}: {}; check that its folder is writable", path, why.message()));
}

// None: it is not there.
Result<std::optional<std::string>> ReadSmall(const std::string& path) {
  std::error_code unknown;  // then it cannot be read either
  if (std::filesystem::status(path, unknown).type() == std::filesystem::file_type::not_found) {
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kSmallFileBytesMax, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad() || !file.is_open()) {
    return Fail(Code::kInternal, "SIGNER_KEY_UNREADABLE",
                path + " cannot be read; make it readable by this user");
  }
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

Result<uint32_t> ReadGeneration(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(const auto text, ReadSmall(GenerationIn(folder)));
  if (!text) return trail::kFirstGeneration;
  const std::string_view line = *text;
  const auto number = trail::ParseDecimal(line.substr(0, line.find('\n')));
  if (number && *number >= trail::kFirstGeneration &&
      *number < std::numeric_limits<uint32_t>::max()) {
    return static_cast<uint32_t>(*number);
  }
  return Fail(Code::kDataLoss, "SIGNER_KEY_INVALID",
              GenerationIn(folder) + " holds no generation: put back the file that was there");
}

// The previous key, unless a change was cut short before the new one was there.
Result<std::optional<SigningKey>> LoadPrevious(const std::string& folder, const SigningKey& now) {
  auto previous = LoadSigningKey(PreviousIn(folder));
  if (!previous && previous.error().code == Code::kNotFound) return std::nullopt;
  if (!previous) return std::unexpected(std::move(previous).error());
  if (previous->PublicKey() == now.PublicKey()) return std::nullopt;
  return *std::move(previous);
}

// The notes from the first key to that one.
Result<std::vector<std::string>> ReadRotations(const std::string& folder, trail::PublicKey key) {
  std::vector<std::string> notes;
  while (notes.size() < kRotationsMax) {
    JALON_ASSIGN_OR_RETURN(const auto note, ReadSmall(NoteIn(folder, key)));
    if (!note) break;
    const auto told = trail::ReadRotation(*note);
    if (!told || told->to != key) {
      return Fail(
          Code::kDataLoss, "SIGNER_KEY_INVALID",
          NoteIn(folder, key) + " is no note of that key: put back the file that was there");
    }
    notes.insert(notes.begin(), *note);
    key = told->from;
  }
  return notes;
}

// That of a change which was cut short, or a new one, which is durable.
Result<SigningKey> NextKey(const std::string& folder) {
  auto left = LoadSigningKey(NextIn(folder));
  if (left || left.error().code != Code::kNotFound) return left;
  const SigningKey key = SigningKey::Random();
  JALON_RETURN_IF_ERROR(CreateSigningKey(NextIn(folder), key));
  return key;
}

// A seed that is on its way in: written under a name that nobody reads.
bool IsLeftover(const std::string& name) {
  if (name == "previous.erasing" || name == "key.next.next") return true;
  for (const std::string_view of : {"key.next.", "previous.next.", "key.next.next."}) {
    constexpr size_t kDrawn = 6;  // letters, of mkostemp
    if (name.starts_with(of) && name.size() == of.size() + kDrawn) return true;
  }
  return false;
}

}  // namespace

std::string KeyIn(const std::string& folder) { return folder + "/key"; }

Result<KeyFolder> ReadKeyFolder(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(SigningKey now, LoadSigningKey(KeyIn(folder)));
  JALON_ASSIGN_OR_RETURN(auto previous, LoadPrevious(folder, now));
  JALON_ASSIGN_OR_RETURN(const uint32_t generation, ReadGeneration(folder));
  JALON_ASSIGN_OR_RETURN(auto rotations, ReadRotations(folder, now.PublicKey()));
  JALON_ASSIGN_OR_RETURN(const auto lost, ReadSmall(LostIn(folder)));
  return KeyFolder{.keys = {std::move(now), std::move(previous)},
                   .generation = generation,
                   .rotations = std::move(rotations),
                   .replaces_lost_key = lost.has_value()};
}

Result<void> SweepKeyFolder(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> left;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (IsLeftover(at->path().filename().string())) left.push_back(at->path().string());
  }
  if (failed) return NotWritten(folder, failed);
  for (const std::string& path : left) {
    if (const auto wrong = EraseFileDurably(path)) return NotWritten(path, wrong);
  }
  return {};
}

Result<SigningKeys> ChangeKey(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(const KeyFolder files, ReadKeyFolder(folder));
  if (files.keys.before) {
    return Fail(Code::kAlreadyExists, "ALREADY_EXISTS",
                fmt::format("{} is still there, and signs beside {}: end it first with 'jalon "
                            "signer retire', once everybody who checks trails has the new key",
                            PreviousIn(folder), KeyIn(folder)));
  }
  const SigningKey& old_key = files.keys.now;
  JALON_ASSIGN_OR_RETURN(const SigningKey new_key, NextKey(folder));
  if (const auto kept = CreateSigningKey(PreviousIn(folder), old_key);
      !kept && kept.error().code != Code::kAlreadyExists) {  // what a change left is this key
    return std::unexpected(kept.error());
  }
  // It vouches only for a key that no crash takes away.
  const std::string note = NoteIn(folder, new_key.PublicKey());
  if (const auto failed = WriteFileDurably(
          note, trail::FormatRotation(old_key.Of(std::string(trail::kRotationName)),
                                      new_key.PublicKey()))) {
    return NotWritten(note, failed);
  }
  // From here on it is the key.
  if (const auto failed = RenameDurably(NextIn(folder), KeyIn(folder))) {
    return NotWritten(KeyIn(folder), failed);
  }
  return SigningKeys(new_key, old_key);
}

Result<void> EndPreviousKey(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(const KeyFolder files, ReadKeyFolder(folder));
  if (!files.keys.before) {
    return Fail(Code::kNotFound, "NOT_FOUND",
                fmt::format("{} is not there: one key signs", PreviousIn(folder)));
  }
  // Half erased it would be a key that cannot be read.
  if (const auto failed = RenameDurably(PreviousIn(folder), ErasingIn(folder))) {
    return NotWritten(PreviousIn(folder), failed);
  }
  if (const auto failed = EraseFileDurably(ErasingIn(folder))) {
    return NotWritten(ErasingIn(folder), failed);
  }
  return {};
}

Result<void> SayKeyWasLost(const std::string& folder) {
  const std::string path = LostIn(folder);
  if (const auto failed = WriteFileDurably(path, "the key before is lost\n")) {
    return NotWritten(path, failed);
  }
  return {};
}

Result<void> SayNoKeyWasLost(const std::string& folder) {
  if (const auto failed = RemoveDurably(LostIn(folder))) return NotWritten(LostIn(folder), failed);
  return {};
}

Result<void> RememberRefused(const std::string& folder) {
  const std::string path = RefusedIn(folder);
  if (const auto failed = WriteFileDurably(path, "the log lacks what was signed\n")) {
    return NotWritten(path, failed);
  }
  return {};
}

Result<void> ForgetRefused(const std::string& folder) {
  const std::string path = RefusedIn(folder);
  if (const auto failed = RemoveDurably(path)) return NotWritten(path, failed);
  return {};
}

Result<void> MayOpenGeneration(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(const auto refused, ReadSmall(RefusedIn(folder)));
  if (refused) return {};
  return Fail(Code::kFailedPrecondition, "NOTHING_REFUSED",
              "the server refused to sign nothing since it last started: a generation is opened "
              "only where the log lacks what was signed. Start it, ask for the trail that is in "
              "question with 'jalon trail checkpoint', and if that is refused stop it and come "
              "back");
}

Result<void> RememberGeneration(const std::string& folder, uint32_t generation) {
  const std::string path = GenerationIn(folder);
  if (const auto failed = WriteFileDurably(path, fmt::format("{}\n", generation))) {
    return NotWritten(path, failed);
  }
  return {};
}

}  // namespace jalon::eventstore
