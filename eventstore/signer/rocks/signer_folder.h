// The folder of a signer: the key, and the memory of what it signed. They belong together: another
// key would be another signer of the same logs, and a key without its memory may contradict what it
// signed. So what is lost is never made anew without a word.
//
//   key, …         key_folder.h
//   memory/        rocks_signer_memory.h
//
// Both are made at once, the memory first: a crash on the way leaves an empty memory without a key,
// which is taken for none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/signer/key_folder.h"
#include "eventstore/signer/rocks/rocks_signer_memory.h"
#include "eventstore/signer/signing_key.h"
#include "eventstore/trail/origin.h"

namespace jalon::eventstore {

// No deployment opens as many; a number beyond it is no generation that somebody opened.
inline constexpr uint32_t kGenerationMax = 1'000'000;

struct SignerParts {
  SigningKeys keys;
  std::unique_ptr<SignerMemory> memory;
  uint32_t generation = trail::kFirstGeneration;
  std::vector<std::string> rotations = {};  // as KeyFolder has them
  bool replaces_lost_key = false;
};

// Opens both. Errors: NOT_FOUND SIGNER_KEY_MISSING: neither is there; FAILED_PRECONDITION
// SIGNER_KEY_LOST, SIGNER_MEMORY_LOST: only the other one is; those of LoadSigningKey and
// OpenRocksSignerMemory. Each message says what to do.
Result<SignerParts> OpenSignerFolder(const std::string& folder);

// Makes both. Errors: ALREADY_EXISTS: a key is there; SIGNER_KEY_LOST: a memory that is not empty;
// those of CreateSigningKey and MakeRocksSignerMemory. `replaces_lost_key`: an operator says that
// the key which signed this log is lost for good.
Result<SignerParts> MakeSigner(const std::string& folder, bool replaces_lost_key = false);

// Makes an empty memory beside a key that is there and whose own is lost for good: for an operator
// who says so. ALREADY_EXISTS: there is one; those of LoadSigningKey.
Result<SignerParts> ForgetSigned(const std::string& folder);

// Cuts the half-written end of the memory, or with `dry_run` says what it would cut: as
// RepairSignerMemory does, for an operator whose start is refused. Nobody has the folder open.
Result<rocks::StoreTail> RepairMemory(const std::string& folder, bool dry_run);

// Changes of the keys and of the generation: ChangeKey and EndPreviousKey of key_folder.h; and that
// the next start signs under the names of the next generation, which begins there:
// RESOURCE_EXHAUSTED TOO_MANY_GENERATIONS beyond kGenerationMax; that of MayOpenGeneration. Each
// holds the folder meanwhile: SIGNER_UNAVAILABLE where a server has it open. And the errors of
// both, and of OpenSignerFolder.
Result<SignerParts> RotateKey(const std::string& folder);
Result<SignerParts> RetireKey(const std::string& folder);
Result<SignerParts> OpenNextGeneration(const std::string& folder);

}  // namespace jalon::eventstore
