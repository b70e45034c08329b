#include "eventstore/signer/rocks/signer_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace jalon::eventstore {
namespace {

std::string MemoryIn(const std::string& folder) { return folder + "/memory"; }

// Something is there, or cannot even be looked at.
bool IsThere(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::symlink_status(path, unknown).type() !=
         std::filesystem::file_type::not_found;
}

std::unexpected<Error> KeyLost(const std::string& folder) {
  return Fail(Code::kFailedPrecondition, "SIGNER_KEY_LOST",
              fmt::format("{} is not there, but what it signed is, in {}: another key would sign "
                          "the same trails. Put the key back from its copy; if there is none, move "
                          "{} away and make a new one with 'jalon signer init "
                          "--replaces-lost-key', and tell everybody "
                          "who checks trails its public half",
                          KeyIn(folder), MemoryIn(folder), folder));
}

std::unexpected<Error> MemoryLost(const std::string& folder) {
  return Fail(Code::kFailedPrecondition, "SIGNER_MEMORY_LOST",
              fmt::format("{} is there, but what it signed is not, in {}: it could contradict "
                          "itself. Put the memory back from the copy that was made with the key; "
                          "if there is none, and the log was not put back from a backup since it "
                          "last signed, 'jalon signer forget' begins an empty one",
                          KeyIn(folder), MemoryIn(folder)));
}

Result<SignerParts> PartsOf(const std::string& folder, std::unique_ptr<SignerMemory> memory) {
  JALON_RETURN_IF_ERROR(SweepKeyFolder(folder));  // nobody else has it: the memory is open
  JALON_ASSIGN_OR_RETURN(KeyFolder files, ReadKeyFolder(folder));
  return SignerParts{.keys = std::move(files.keys),
                     .memory = std::move(memory),
                     .generation = files.generation,
                     .rotations = std::move(files.rotations),
                     .replaces_lost_key = files.replaces_lost_key};
}

}  // namespace

Result<SignerParts> OpenSignerFolder(const std::string& folder) {
  auto key = LoadSigningKey(KeyIn(folder));
  const bool is_missing = !key && key.error().code == Code::kNotFound;
  if (!key && !is_missing) return std::unexpected(std::move(key).error());
  if (!IsThere(MemoryIn(folder))) {
    if (is_missing) return std::unexpected(std::move(key).error());
    return MemoryLost(folder);
  }
  if (!is_missing) {
    JALON_ASSIGN_OR_RETURN(auto memory, OpenRocksSignerMemory(MemoryIn(folder)));
    return PartsOf(folder, std::move(memory));
  }
  // Of one whose making was cut short there may be less than a memory.
  JALON_ASSIGN_OR_RETURN(const auto memory, MakeRocksSignerMemory(MemoryIn(folder)));
  JALON_ASSIGN_OR_RETURN(const bool is_empty, memory->IsEmpty());
  if (!is_empty) return KeyLost(folder);
  return std::unexpected(std::move(key).error());
}

Result<SignerParts> MakeSigner(const std::string& folder, bool replaces_lost_key) {
  JALON_RETURN_IF_ERROR(MakeSignerFolder(folder));
  const auto key = SigningKey::Random();
  if (IsThere(KeyIn(folder))) {  // says so, in its own words
    JALON_RETURN_IF_ERROR(CreateSigningKey(KeyIn(folder), key));
  }
  JALON_ASSIGN_OR_RETURN(auto memory, MakeRocksSignerMemory(MemoryIn(folder)));
  JALON_ASSIGN_OR_RETURN(const bool is_empty, memory->IsEmpty());
  if (!is_empty) return KeyLost(folder);
  JALON_RETURN_IF_ERROR(SweepKeyFolder(folder));
  JALON_RETURN_IF_ERROR(replaces_lost_key ? SayKeyWasLost(folder) : SayNoKeyWasLost(folder));
  JALON_RETURN_IF_ERROR(CreateSigningKey(KeyIn(folder), key));
  return SignerParts{
      .keys = key, .memory = std::move(memory), .replaces_lost_key = replaces_lost_key};
}

Result<SignerParts> ForgetSigned(const std::string& folder) {
  JALON_RETURN_IF_ERROR(LoadSigningKey(KeyIn(folder)));
  JALON_ASSIGN_OR_RETURN(auto memory, MakeRocksSignerMemory(MemoryIn(folder)));
  JALON_ASSIGN_OR_RETURN(const bool is_empty, memory->IsEmpty());
  if (is_empty) return PartsOf(folder, std::move(memory));
  return Fail(
      Code::kAlreadyExists, "ALREADY_EXISTS",
      fmt::format("{} is there, and is left as it is: it holds the signer to what it signed",
                  MemoryIn(folder)));
}

Result<rocks::StoreTail> RepairMemory(const std::string& folder, bool dry_run) {
  return RepairSignerMemory(MemoryIn(folder), dry_run);
}

Result<SignerParts> RotateKey(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(SignerParts parts, OpenSignerFolder(folder));
  JALON_ASSIGN_OR_RETURN(parts.keys, ChangeKey(folder));
  return parts;
}

Result<SignerParts> RetireKey(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(SignerParts parts, OpenSignerFolder(folder));
  JALON_RETURN_IF_ERROR(EndPreviousKey(folder));
  parts.keys.before.reset();
  return parts;
}

Result<SignerParts> OpenNextGeneration(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(SignerParts parts, OpenSignerFolder(folder));
  if (parts.generation >= kGenerationMax) {
    return Fail(Code::kResourceExhausted, "TOO_MANY_GENERATIONS",
                fmt::format("generation {} is the last that there is: see that {}/generation is "
                            "what was there, or copy the log to a new deployment",
                            kGenerationMax, folder));
  }
  JALON_RETURN_IF_ERROR(MayOpenGeneration(folder));
  JALON_RETURN_IF_ERROR(RememberGeneration(folder, ++parts.generation));
  JALON_RETURN_IF_ERROR(ForgetRefused(folder));
  return parts;
}

}  // namespace jalon::eventstore
