// What the logs of a deployment are called, and so what the key that signs each is called.
//
//     <deployment>/<tenant>/<trail>/<generation>           a trail
//     <deployment>/receipts/<partition>/<generation>       the receipts log of a partition
//     <deployment>/root/<generation>                       the log of all of them, as published
//
// Deployment, tenant and trail are in lower-case hexadecimal. No node and no life of the log is in
// it: a change of owner, a move and a restart change nothing. A generation ends where a log can no
// longer go on from what was signed, such as after it was restored from a backup that lacks signed
// entries, and an operator opens the next one: the same entries under another name.
//
// Thread safety: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jalon::trail {

// No origin of ours is longer; a root log takes none that is.
inline constexpr size_t kOriginBytesMax = 128;

// The first. Receipts name the trails of their entries in it, whichever generation it is: a line of
// a receipts log is folded where nobody knows the generation, and its log's own name has it.
inline constexpr uint32_t kFirstGeneration = 1;

// `deployment`: the cluster's id in the log's genesis, 16 bytes.
std::string TrailOrigin(std::string_view deployment, std::string_view tenant,
                        std::string_view trail, uint32_t generation = kFirstGeneration);
std::string ReceiptsOrigin(std::string_view deployment, uint32_t partition,
                           uint32_t generation = kFirstGeneration);
std::string RootOrigin(std::string_view deployment, uint32_t generation = kFirstGeneration);

// Whose trail an origin of our shape says it is: views into it, in hexadecimal.
struct NamedTrail {
  std::string_view tenant;
  std::string_view trail;
};
// None for every other origin, such as another operator's, or of a receipts or root log.
std::optional<NamedTrail> TrailNamedBy(std::string_view origin);

// An origin of our shape without its last part, and that part; none for every other origin.
struct NamedGeneration {
  std::string_view log;
  uint64_t generation = 0;
};
std::optional<NamedGeneration> GenerationNamedBy(std::string_view origin);
// The same log in any generation, or the same origin where it has another shape.
bool IsSameLog(std::string_view origin, std::string_view other);
// The root log that a trail of our shape is published in, in the same generation; none for every
// other origin.
std::optional<std::string> RootOf(std::string_view trail);

}  // namespace jalon::trail
