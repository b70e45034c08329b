// Certificates for tests: folders of their own, gone with the fixture.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/peer/issue.h"

namespace jalon::eventstore::testing {

class PeerFolders {
 public:
  explicit PeerFolders(const std::string& prefix = "peer") {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(info->test_suite_name()) + "_" + info->name();
    for (char& c : name) c = c == '/' ? '_' : c;
    root_ = ::testing::TempDir() + "/" + prefix + "_" + name;
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~PeerFolders() { std::filesystem::remove_all(root_); }
  PeerFolders(const PeerFolders&) = delete;
  PeerFolders& operator=(const PeerFolders&) = delete;

  std::string In(const std::string& name) const { return root_ + "/" + name; }

  // The folder of a process: signed by the authority of that name, both made as needed.
  std::string Issue(PeerKind kind, const std::string& name, const std::string& authority = "ca") {
    std::string folder = In(name + "-" + authority);
    Must({.authority_folder = In(authority),
          .folder = folder,
          .who = {kind, name},
          .hosts = {"localhost", "127.0.0.1"}});
    return folder;
  }
  Issued Must(const IssueWish& wish) { return Must(wish, SystemClock()); }
  static Issued Must(const IssueWish& wish, const Clock& clock) {
    const auto issued = IssueCertificate(wish, clock);
    EXPECT_TRUE(issued) << issued.error().message;
    return issued.value_or(Issued{});
  }

 private:
  std::string root_;
};

}  // namespace jalon::eventstore::testing
