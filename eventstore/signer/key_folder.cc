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

}  // namespace

std::string KeyIn(const std::string& folder) { return folder + "/key"; }

Result<KeyFolder> ReadKeyFolder(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(SigningKey now, LoadSigningKey(KeyIn(folder)));
  JALON_ASSIGN_OR_RETURN(auto previous, LoadPrevious(folder, now));
  JALON_ASSIGN_OR_RETURN(const uint32_t generation, ReadGeneration(folder));
  JALON_ASSIGN_OR_RETURN(auto rotation, ReadSmall(NoteIn(folder, now.PublicKey())));
  return KeyFolder{.keys = {std::move(now), std::move(previous)},
                   .generation = generation,
                   .rotation = std::move(rotation)};
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
  const SigningKey new_key = SigningKey::Random();
  const std::string next = KeyIn(folder) + ".next";
  // What a change left that was cut short.
  for (const std::string& left : {PreviousIn(folder), next}) {
    if (const auto failed = EraseFileDurably(left)) return NotWritten(left, failed);
  }
  JALON_RETURN_IF_ERROR(CreateSigningKey(PreviousIn(folder), old_key));
  const std::string note = NoteIn(folder, new_key.PublicKey());
  if (const auto failed = WriteFileDurably(
          note, trail::FormatRotation(old_key.Of(std::string(trail::kRotationName)),
                                      new_key.PublicKey()))) {
    return NotWritten(note, failed);
  }
  JALON_RETURN_IF_ERROR(CreateSigningKey(next, new_key));
  // From here on it is the key.
  if (const auto failed = RenameDurably(next, KeyIn(folder))) {
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
  if (const auto failed = EraseFileDurably(PreviousIn(folder))) {
    return NotWritten(PreviousIn(folder), failed);
  }
  return {};
}

Result<void> RememberGeneration(const std::string& folder, uint32_t generation) {
  const std::string path = GenerationIn(folder);
  if (const auto failed = WriteFileDurably(path, fmt::format("{}\n", generation))) {
    return NotWritten(path, failed);
  }
  return {};
}

}  // namespace jalon::eventstore
