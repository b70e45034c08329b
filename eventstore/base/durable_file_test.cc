#include "eventstore/base/durable_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace jalon {
namespace {

namespace fs = std::filesystem;

// No file can grow as long as it lives, as on a full disk.
class NoRoom {
 public:
  NoRoom() : on_excess_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoRoom() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, on_excess_);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;

 private:
  void (*const on_excess_)(int);
  rlimit before_{};
};

class DurableFileTest : public testing::Test {
 protected:
  DurableFileTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/durable_file_" + info->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    path_ = folder_ + "/file";
  }
  ~DurableFileTest() override { fs::remove_all(folder_); }

  std::string Content() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  long Files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }
  unsigned Mode() const {
    struct stat info{};
    EXPECT_EQ(stat(path_.c_str(), &info), 0);
    return info.st_mode & 0777U;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(DurableFileTest, IsWrittenAndReplacedForItsOwnerOnly) {
  EXPECT_FALSE(WriteFileDurably(path_, "first"));
  EXPECT_FALSE(WriteFileDurably(path_, "second"));
  EXPECT_EQ(Content(), "second");
  EXPECT_EQ(Mode(), 0600U);
  EXPECT_EQ(Files(), 1);
}

TEST_F(DurableFileTest, IsCreatedOnceForItsOwnerOnly) {
  EXPECT_FALSE(CreateFileDurably(path_, "first"));
  EXPECT_EQ(CreateFileDurably(path_, "second"), std::errc::file_exists);
  EXPECT_EQ(Content(), "first");
  EXPECT_EQ(Mode(), 0600U);
  EXPECT_EQ(Files(), 1);
}

TEST_F(DurableFileTest, HoldsWhatItHeldIfItCannotBeWritten) {
  ASSERT_FALSE(WriteFileDurably(path_, "first"));
  {
    const NoRoom no_room;
    EXPECT_EQ(WriteFileDurably(path_, "second"), std::errc::file_too_large);
    EXPECT_EQ(CreateFileDurably(folder_ + "/other", "one"), std::errc::file_too_large);
    EXPECT_EQ(AppendDurably(path_, "more"), std::errc::file_too_large);
  }
  EXPECT_EQ(Content(), "first");
  EXPECT_EQ(Files(), 1);
}

TEST_F(DurableFileTest, IsNotInTheWayOfWhatACrashLeft) {
  std::ofstream(path_ + ".next") << "a longer half of another one";
  EXPECT_FALSE(WriteFileDurably(path_, "whole"));
  EXPECT_EQ(Content(), "whole");
}

TEST_F(DurableFileTest, IsAppendedTo) {
  EXPECT_FALSE(AppendDurably(path_, "one\n"));
  EXPECT_FALSE(AppendDurably(path_, "two\n"));
  EXPECT_EQ(Content(), "one\ntwo\n");
}

TEST_F(DurableFileTest, IsRenamedAndRemoved) {
  ASSERT_FALSE(WriteFileDurably(folder_ + "/before", "text"));
  EXPECT_FALSE(RenameDurably(folder_ + "/before", path_));
  EXPECT_EQ(Content(), "text");
  EXPECT_FALSE(RemoveDurably(path_));
  EXPECT_FALSE(RemoveDurably(path_));
  EXPECT_EQ(Files(), 0);
}

// Another name of the same file shows what became of its bytes.
TEST_F(DurableFileTest, IsOverwrittenBeforeItIsErased) {
  ASSERT_FALSE(WriteFileDurably(folder_ + "/before", "secret"));
  fs::create_hard_link(folder_ + "/before", path_);
  EXPECT_FALSE(EraseFileDurably(folder_ + "/before"));
  EXPECT_EQ(Content(), std::string(6, '\0'));
  EXPECT_EQ(Files(), 1);
  EXPECT_FALSE(EraseFileDurably(folder_ + "/before")) << "it is gone already";
}

TEST_F(DurableFileTest, SaysWhatFailed) {
  const std::string nowhere = folder_ + "/nowhere";
  EXPECT_EQ(WriteFileDurably(nowhere + "/file", "text"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(CreateFileDurably(nowhere + "/file", "text"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(AppendDurably(nowhere + "/file", "text"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(RenameDurably(path_, path_ + "2"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(RemoveDurably(nowhere + "/file"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(SyncFolder(nowhere), std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace jalon
