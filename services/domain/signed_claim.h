// What a signer signs of the claims and publications that it gives the system partition, and
// whether it did: the certificate of a node lets anybody give them, and nobody but the holder of
// the key is to be believed.
//
//     jalon signer claim
//     deployment d3d3d3…
//     claimant 616161…
//     epoch 4
//     generation 2
//     key a50787bff3…
//     previous none
//     replaces-lost-key no
//
// Both texts begin with a line that has spaces, as no checkpoint does. A claim counts once: its
// epoch is that of one place among the claims.
//
// Pure. Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/trail/key.h"
#include "jalon/event/v1/system_events.pb.h"

namespace jalon::domain {

// Of the notes in one claim: a log that was put back from a backup may lack some changes of the
// key.
inline constexpr int kRotationsMax = 16;

// Sets the key and its signature; the rest of it is set already. `deployment`: 16 bytes.
void SignClaim(const trail::SignerKey& key, std::string_view deployment,
               event::v1::SignerClaimed* claim);
// Whether the key that it names has signed it.
bool IsSigned(const event::v1::SignerClaimed& claim, std::string_view deployment);
// Whether the key of the claim before, 32 bytes, is that of this one or vouches for it by notes.
bool ComesAfter(std::string_view last_key, const event::v1::SignerClaimed& claim);

// What is signed of a publication: which logs have grown.
std::string PublicationText(const event::v1::LogsPublished& publication,
                            std::string_view deployment);
// Whether that key, 32 bytes, has signed it.
bool IsSignedBy(std::string_view key, const event::v1::LogsPublished& publication,
                std::string_view deployment);

}  // namespace jalon::domain
