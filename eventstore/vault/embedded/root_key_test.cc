#include "eventstore/vault/embedded/root_key.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace jalon::eventstore {
namespace {

class RootKeyTest : public testing::Test {
 protected:
  RootKeyTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/root_key_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = folder_ + "/root.key";
  }
  ~RootKeyTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string path_;
};

TEST_F(RootKeyTest, IsMadeOnceForItsOwnerOnly) {
  const auto made = LoadRootKey(path_, true);
  ASSERT_TRUE(made);
  struct stat info{};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const auto read = LoadRootKey(path_, true);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->View(), made->View());
}

// As if the process ended there: what is left does not stand in the way of the next start.
TEST_F(RootKeyTest, IsNotThereByHalfIfItCannotBeWritten) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit no_room{.rlim_cur = 0, .rlim_max = before.rlim_max};
  const auto on_excess = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &no_room);
  const auto full = LoadRootKey(path_, true);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, on_excess);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().reason, "ROOT_KEY_NOT_WRITTEN");
  EXPECT_TRUE(LoadRootKey(path_, true));
}

TEST_F(RootKeyTest, IsNotMadeWhereKeysAreThere) {
  const auto missing = LoadRootKey(path_, false);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "ROOT_KEY_MISSING");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(RootKeyTest, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(LoadRootKey(path_, true));
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  const auto unsafe = LoadRootKey(path_, true);
  ASSERT_FALSE(unsafe);
  EXPECT_EQ(unsafe.error().reason, "ROOT_KEY_UNSAFE");
}

TEST_F(RootKeyTest, RefusesAnythingElse) {
  for (const std::string& text :
       {std::string(), std::string("jalon-root-key-1:00ff\n"), std::string(300, 'a')}) {
    std::ofstream(path_) << text;
    ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
    const auto invalid = LoadRootKey(path_, true);
    ASSERT_FALSE(invalid);
    EXPECT_EQ(invalid.error().reason, "ROOT_KEY_INVALID");
  }
}

}  // namespace
}  // namespace jalon::eventstore
