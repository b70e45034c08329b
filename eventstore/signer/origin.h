// What a trail is called, and so what the key that signs it is called.
//
//     <deployment>/<tenant>/<trail>/<generation>      but for the last in lower-case hexadecimal
//
// No node, partition or life of the log is in it: a change of owner, a move and a restart change
// nothing. A generation ends where a trail can no longer go on from what was signed, such as after
// a log was restored from a backup that lacks signed entries; the next one is another log.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jalon::eventstore {

// The first, and so far the only one.
inline constexpr uint32_t kFirstGeneration = 1;

// `deployment`: the cluster's id in the log's genesis, 16 bytes.
std::string TrailOrigin(std::string_view deployment, std::string_view tenant,
                        std::string_view trail, uint32_t generation = kFirstGeneration);

}  // namespace jalon::eventstore
