#include "eventstore/peer/certificates.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "eventstore/peer/peer_testing.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

class CertificatesTest : public ::testing::Test {
 protected:
  std::string Refused(const Clock& clock) const {
    const auto loaded = LoadCertificates(folder_, clock);
    return loaded ? "" : loaded.error().reason;
  }
  std::string Refused() const { return Refused(clock_); }

  const SystemClock clock_;
  testing::PeerFolders folders_{"certificates"};
  const std::string folder_ = folders_.Issue(PeerKind::kNode, "n1");
};

TEST_F(CertificatesTest, SayWhoTheProcessIs) {
  const auto loaded = LoadCertificates(folder_, clock_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->self, (PeerIdentity{PeerKind::kNode, "n1"}));
  EXPECT_GT(loaded->expires, clock_.Wall() + std::chrono::days(364));
}

TEST_F(CertificatesTest, AMissingFileIsNamed) {
  for (const char* name : {"ca.crt", "node.crt", "node.key"}) {
    fs::rename(folder_ + "/" + name, folders_.In("kept"));
    const auto loaded = LoadCertificates(folder_, clock_);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().reason, "CERTIFICATES_MISSING");
    EXPECT_NE(loaded.error().message.find(name), std::string::npos);
    fs::rename(folders_.In("kept"), folder_ + "/" + name);
  }
}

TEST_F(CertificatesTest, AKeyThatOthersMayReadIsRefused) {
  for (const mode_t mode : {0640, 0604, 0660}) {
    ASSERT_EQ(chmod((folder_ + "/node.key").c_str(), mode), 0);
    EXPECT_EQ(Refused(), "CERTIFICATE_KEY_UNSAFE");
  }
}

TEST_F(CertificatesTest, FilesThatDoNotBelongTogetherAreRefused) {
  const std::string second = folders_.Issue(PeerKind::kNode, "n2");
  const std::string foreign = folders_.Issue(PeerKind::kNode, "n1", "other");
  const auto with = [&](const char* name, const std::string& from) {
    fs::rename(folder_ + "/" + name, folders_.In("kept"));
    fs::copy(from + "/" + name, folder_ + "/" + name);
    std::string refused = Refused();
    fs::rename(folders_.In("kept"), folder_ + "/" + name);
    return refused;
  };
  EXPECT_EQ(with("node.key", second), "CERTIFICATE_KEY_OTHER");
  EXPECT_EQ(with("node.crt", second), "CERTIFICATE_KEY_OTHER");
  EXPECT_EQ(with("ca.crt", foreign), "CERTIFICATE_AUTHORITY_OTHER");
  EXPECT_EQ(Refused(), "");
}

TEST_F(CertificatesTest, WhatIsNoCertificateIsRefused) {
  for (const char* name : {"ca.crt", "node.crt"}) {
    fs::copy(folder_ + "/" + name, folders_.In("kept"));
    std::ofstream(folder_ + "/" + name) << "nonsense";
    EXPECT_NE(Refused(), "") << name;
    std::ofstream(folder_ + "/" + name) << std::string(100'000, 'x');
    EXPECT_EQ(Refused(), "CERTIFICATE_INVALID") << name;
    fs::remove(folder_ + "/" + name);
    fs::rename(folders_.In("kept"), folder_ + "/" + name);
  }
}

TEST_F(CertificatesTest, OneThatIsNotValidNowIsRefused) {
  EXPECT_EQ(Refused(ManualClock(clock_.Wall() + std::chrono::days(366))), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(Refused(ManualClock(clock_.Wall() - std::chrono::hours(1))), "CERTIFICATE_EXPIRED");
}

// The authority's own certificate names no process.
TEST_F(CertificatesTest, OneThatNamesNoProcessIsRefused) {
  fs::copy_file(folder_ + "/ca.crt", folder_ + "/node.crt", fs::copy_options::overwrite_existing);
  fs::remove(folder_ + "/node.key");
  fs::copy(folders_.In("ca/ca.key"), folder_ + "/node.key");
  EXPECT_EQ(Refused(), "PEER_UNKNOWN");
}

}  // namespace
}  // namespace jalon::eventstore
