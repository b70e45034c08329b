#include "eventstore/peer/issue.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "eventstore/peer/certificates.h"
#include "eventstore/peer/peer_testing.h"
#include "eventstore/peer/x509.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// What the program `openssl` says, and its exit code at the end.
std::string OpenSsl(const std::string& arguments) {
  FILE* pipe = popen(("openssl " + arguments + " 2>&1; echo exit $?").c_str(), "r");
  std::string said;
  char buffer[4096];
  while (const size_t size = fread(buffer, 1, sizeof buffer, pipe)) said.append(buffer, size);
  pclose(pipe);
  return said;
}

class IssueTest : public ::testing::Test {
 protected:
  IssueWish Wish(const std::string& folder = "n1") const {
    return {.authority_folder = folders_.In("ca"),
            .folder = folders_.In(folder),
            .who = {PeerKind::kNode, "n1"},
            .hosts = {"localhost", "127.0.0.1", "::1", "n1.jalon.example"}};
  }
  // Why nothing is issued; empty if something is.
  std::string Refused(const IssueWish& wish, const Clock& clock) const {
    const auto issued = IssueCertificate(wish, clock);
    return issued ? "" : issued.error().reason;
  }
  std::string Refused(const IssueWish& wish) const { return Refused(wish, clock_); }

  const SystemClock clock_;
  testing::PeerFolders folders_{"issue"};
};

TEST_F(IssueTest, OpenSslItselfVerifiesIt) {
  ASSERT_TRUE(testing::PeerFolders::Must(Wish(), clock_).authority_made);
  const std::string authority = folders_.In("ca/ca.crt");
  const std::string certificate = folders_.In("n1/node.crt");
  for (const char* as : {"sslserver", "sslclient"}) {
    for (const char* host :
         {"-verify_hostname n1.jalon.example", "-verify_ip 127.0.0.1", "-verify_ip ::1"}) {
      EXPECT_EQ(OpenSsl(fmt::format("verify -x509_strict -purpose {} {} -CAfile '{}' '{}'", as,
                                    host, authority, certificate)),
                certificate + ": OK\nexit 0\n");
    }
  }
  const std::string other = OpenSsl(fmt::format(
      "verify -verify_hostname other.example -CAfile '{}' '{}'", authority, certificate));
  EXPECT_NE(other.find("hostname mismatch"), std::string::npos) << other;
  const std::string text = OpenSsl(fmt::format("x509 -in '{}' -noout -text", certificate));
  for (const char* part :
       {"prime256v1", "ecdsa-with-SHA256", "CA:FALSE", "Digital Signature\n", "URI:jalon://node/n1",
        "TLS Web Server Authentication, TLS Web Client"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

TEST_F(IssueTest, OnlyTheOwnerReadsAKey) {
  testing::PeerFolders::Must(Wish(), clock_);
  for (const char* key : {"ca/ca.key", "n1/node.key"}) {
    struct stat info{};
    ASSERT_EQ(stat(folders_.In(key).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U) << key;
  }
  EXPECT_FALSE(fs::exists(folders_.In("n1/ca.key")));
}

TEST_F(IssueTest, OneAuthoritySignsAll) {
  testing::PeerFolders::Must(Wish(), clock_);
  IssueWish second = Wish("v1");
  second.who = {PeerKind::kVault, "v1"};
  EXPECT_FALSE(testing::PeerFolders::Must(second, clock_).authority_made);
  EXPECT_EQ(ReadAll(folders_.In("n1/ca.crt")), ReadAll(folders_.In("v1/ca.crt")));
  EXPECT_NE(ReadAll(folders_.In("n1/node.key")), ReadAll(folders_.In("v1/node.key")));
  EXPECT_EQ(LoadCertificates(folders_.In("v1"), clock_)->self, second.who);
}

TEST_F(IssueTest, WhatIsThereIsOnlyRenewedOnPurpose) {
  testing::PeerFolders::Must(Wish(), clock_);
  const std::string certificate = ReadAll(folders_.In("n1/node.crt"));
  const std::string key = ReadAll(folders_.In("n1/node.key"));
  EXPECT_EQ(Refused(Wish()), "CERTIFICATE_EXISTS");
  EXPECT_EQ(ReadAll(folders_.In("n1/node.crt")), certificate);
  IssueWish renewal = Wish();
  renewal.renew = true;
  EXPECT_EQ(Refused(renewal), "");
  EXPECT_NE(ReadAll(folders_.In("n1/node.crt")), certificate);
  EXPECT_EQ(ReadAll(folders_.In("n1/node.key")), key) << "so that the two always fit";
  EXPECT_TRUE(LoadCertificates(folders_.In("n1"), clock_));
  renewal.who.name = "n2";
  EXPECT_EQ(Refused(renewal), "CERTIFICATE_IS_ANOTHER");
}

TEST_F(IssueTest, WhatACrashLeftIsEnded) {
  testing::PeerFolders::Must(Wish(), clock_);
  fs::remove(folders_.In("n1/node.crt"));
  EXPECT_EQ(Refused(Wish()), "");
  fs::remove_all(folders_.In("n1"));
  fs::remove(folders_.In("ca/ca.crt"));
  EXPECT_EQ(Refused(Wish()), "");
  EXPECT_TRUE(LoadCertificates(folders_.In("n1"), clock_));
}

TEST_F(IssueTest, AnAuthorityThatCannotSignIsSaid) {
  testing::PeerFolders::Must(Wish(), clock_);
  fs::rename(folders_.In("ca/ca.key"), folders_.In("right.key"));
  EXPECT_EQ(Refused(Wish("n2")), "AUTHORITY_KEY_MISSING");
  IssueWish other = Wish("n2");
  other.authority_folder = folders_.In("other");
  testing::PeerFolders::Must(other, clock_);
  fs::copy(folders_.In("other/ca.key"), folders_.In("ca/ca.key"));
  EXPECT_EQ(Refused(Wish("n3")), "CERTIFICATE_AUTHORITY_OTHER");
  fs::rename(folders_.In("right.key"), folders_.In("ca/ca.key"));
  ASSERT_EQ(chmod(folders_.In("ca/ca.key").c_str(), 0644), 0);
  EXPECT_EQ(Refused(Wish("n3")), "CERTIFICATE_KEY_UNSAFE");
  fs::remove(folders_.In("n2/node.crt"));
  ASSERT_EQ(chmod(folders_.In("ca/ca.key").c_str(), 0600), 0);
  EXPECT_EQ(Refused(Wish("n2")), "CERTIFICATE_AUTHORITY_OTHER") << "its ca.crt is another one";
}

TEST_F(IssueTest, AnExpiredAuthorityIsSaid) {
  ManualClock clock{clock_.Wall()};
  testing::PeerFolders::Must(Wish(), clock);
  clock.Advance(std::chrono::days(kAuthorityDays - kCertificateDaysDefault + 1));
  EXPECT_EQ(Refused(Wish("n2"), clock), "AUTHORITY_EXPIRED");
  IssueWish shorter = Wish("n2");
  shorter.days = 30;
  EXPECT_EQ(Refused(shorter, clock), "");
  clock.Advance(std::chrono::days(kCertificateDaysDefault));
  EXPECT_EQ(Refused(Wish("n3"), clock), "AUTHORITY_EXPIRED");
  EXPECT_FALSE(fs::exists(folders_.In("n3"))) << "nothing is left behind";
}

TEST_F(IssueTest, AWishThatIsNoneIsRefused) {
  IssueWish wish = Wish();
  wish.who.name = "N 1";
  EXPECT_EQ(Refused(wish), "PEER_NAME_INVALID");
  for (const char* host : {"", "a b", "127.0.0.1:80", "[::1]", "a,URI:jalon://vault/v1", "-a", "a-",
                           "a..b", ".a", "a.", "a-.b", "*"}) {
    wish = Wish();
    wish.hosts.emplace_back(host);
    EXPECT_EQ(Refused(wish), "HOST_INVALID") << host;
  }
  for (const uint32_t days : {0U, kCertificateDaysMax + 1}) {
    wish = Wish();
    wish.days = days;
    EXPECT_EQ(Refused(wish), "CERTIFICATE_DAYS_INVALID");
  }
  EXPECT_FALSE(fs::exists(folders_.In("ca"))) << "nothing is left behind";
}

}  // namespace
}  // namespace jalon::eventstore
