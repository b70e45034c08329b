// From messages to the stored bytes of an entry, and their place in the chain of hashes.
//
// An entry is encoded once; the chain, the log, its followers and every fold share those bytes.
//
// Thread safety: any thread.
#pragma once

#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/log/log.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::eventstore {

// The stored bytes of a jalon.log.v1.Entry that holds this message.
Blob EncodeGenesis(const log::v1::Genesis& genesis);
Blob EncodeClaim(const log::v1::Claim& claim);
Blob EncodeRecord(const log::v1::Record& record);

// The chain value after an entry that counts. `bytes` are its stored bytes; `before` is the chain
// value before it, which a record already names in prev_hash. A genesis that holds the one it was
// restored from stands for that one.
Hash ChainAfterGenesis(std::string_view bytes);
Hash ChainAfterClaim(const Hash& before, std::string_view bytes);
Hash ChainAfterRecord(std::string_view bytes);

}  // namespace jalon::eventstore
