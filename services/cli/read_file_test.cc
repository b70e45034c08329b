#include "services/cli/read_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace jalon::cli {
namespace {

class ReadFileTest : public testing::Test {
 protected:
  ReadFileTest() { std::ofstream(path_) << "twelve bytes"; }
  ~ReadFileTest() override { unlink(path_.c_str()); }

  static std::string Said(const std::string& path, uint64_t bytes_max = 100,
                          Language language = Language::kEnglish) {
    const auto read = ReadFile(path, bytes_max, language);
    if (read) return "read";
    EXPECT_EQ(read.error().reason, "FILE_NOT_READ");
    return read.error().message;
  }

  const std::string path_ = testing::TempDir() + "read_file_test.txt";
};

TEST_F(ReadFileTest, GivesTheBytes) {
  EXPECT_EQ(ReadFile(path_, 12, Language::kEnglish).value(), "twelve bytes");
}

TEST_F(ReadFileTest, SaysWhatIsWrongAndWhatToDo) {
  EXPECT_NE(Said(path_ + "x").find("there is no such file"), std::string::npos);
  EXPECT_NE(Said(path_ + "x", 100, Language::kFrench).find("ce fichier n'existe pas"),
            std::string::npos);
  EXPECT_NE(Said(testing::TempDir()).find("this is a folder"), std::string::npos);
  EXPECT_NE(Said(path_, 11).find("12 bytes, and at most 11"), std::string::npos);
}

TEST_F(ReadFileTest, AFileThatMayNotBeReadIsNotAnEmptyOne) {
  if (geteuid() == 0) {  // root may read all: a file that fails to be read stands for it
    EXPECT_NE(Said("/proc/self/mem").find("it cannot be read"), std::string::npos);
    return;
  }
  chmod(path_.c_str(), 0);
  EXPECT_NE(Said(path_).find("it cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace jalon::cli
