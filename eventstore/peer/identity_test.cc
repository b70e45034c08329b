#include "eventstore/peer/identity.h"

#include <gtest/gtest.h>

namespace jalon::eventstore {
namespace {

TEST(PeerIdentityTest, ReadsWhatItWrites) {
  for (const PeerKind kind : {PeerKind::kNode, PeerKind::kVault, PeerKind::kSigner}) {
    const PeerIdentity peer{kind, "school-3"};
    const auto read = ParsePeerUri(peer.Uri());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, peer);
  }
  EXPECT_EQ((PeerIdentity{PeerKind::kVault, "v1"}.Uri()), "jalon://vault/v1");
}

TEST(PeerIdentityTest, RefusesAnythingElse) {
  for (const std::string& uri :
       {std::string(), std::string("jalon://node"), std::string("jalon://node/"),
        std::string("jalon://node/a/b"), std::string("jalon://node/A"),
        std::string("jalon://node/-a"), std::string("jalon://node/a-"),
        std::string("jalon://node/a.b"), std::string("jalon://nodes/a"),
        std::string("JALON://node/a"), std::string("other://node/a"),
        std::string("jalon://node/a\0", 15), std::string(" jalon://node/a"),
        "jalon://node/" + std::string(64, 'a')}) {
    const auto read = ParsePeerUri(uri);
    ASSERT_FALSE(read) << uri;
    EXPECT_EQ(read.error().reason, "PEER_UNKNOWN");
    EXPECT_EQ(read.error().code, Code::kUnauthenticated);
  }
}

}  // namespace
}  // namespace jalon::eventstore
