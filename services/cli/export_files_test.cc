#include "services/cli/export_files.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "eventstore/trail/tile.h"

namespace jalon::cli {
namespace {

namespace fs = std::filesystem;

TEST(ExportPathTest, IsWhatTheFormatNames) {
  for (const uint64_t index : {uint64_t{0}, uint64_t{999}, uint64_t{1000}, uint64_t{1'234'067}}) {
    for (const uint64_t width : {uint64_t{1}, uint64_t{255}, trail::kTileWidth}) {
      EXPECT_TRUE(IsExportPath(trail::BundlePath(index, width)));
      EXPECT_TRUE(IsExportPath(trail::TilePath({.level = 7, .index = index, .width = width})));
    }
  }
  EXPECT_TRUE(IsExportPath("checkpoint"));
}

TEST(ExportPathTest, AndNothingElse) {
  for (const char* path : {"",
                           "/",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/000/",
                           "tile/0/000.p",
                           "tile/0/000.p/",
                           "tile/0/000.p/1/2",
                           "tile/0/000.p/1234",
                           "tile//000",
                           "tile/0/x00/000",
                           "tile/0/x001",
                           "tile/-1/000",
                           "tile/entry/000",
                           "tile/0/../000",
                           "../checkpoint",
                           "checkpoint/",
                           "/checkpoint",
                           "tile/0/000\n",
                           "tile/0/..",
                           "tile/../..",
                           "/tile/0/000",
                           "tile/0/000.p/..",
                           "tile/0/000.p//etc/passwd"}) {
    EXPECT_FALSE(IsExportPath(path)) << path;
  }
}

class ExportFilesTest : public testing::Test {
 protected:
  ExportFilesTest() { fs::remove_all(folder_); }
  ~ExportFilesTest() override { fs::remove_all(folder_); }
  std::string Read(const std::string& path) const {
    std::ifstream file(folder_ + "/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string folder_ = testing::TempDir() + "/export_files_test";
};

TEST_F(ExportFilesTest, PiecesOfOnePathAreOneFile) {
  auto files = ExportFiles::Create(folder_, Language::kEnglish);
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->Write("tile/entries/000.p/3", "ab"));
  EXPECT_TRUE(files->Write("tile/entries/000.p/3", "cd"));
  EXPECT_FALSE(files->HasCheckpoint());
  EXPECT_TRUE(files->Write("checkpoint", "note\n"));
  EXPECT_TRUE(files->HasCheckpoint());
  EXPECT_EQ(Read("tile/entries/000.p/3"), "abcd");
  EXPECT_EQ(Read("checkpoint"), "note\n");
}

TEST_F(ExportFilesTest, AServerCannotWriteElsewhereOrOver) {
  auto files = ExportFiles::Create(folder_, Language::kEnglish);
  ASSERT_TRUE(files);
  EXPECT_EQ(files->Write("../elsewhere", "x").error().reason, "EXPORT_MALFORMED");
  EXPECT_FALSE(fs::exists(folder_ + "/../elsewhere"));
  EXPECT_TRUE(files->Write("tile/0/000", "a"));
  EXPECT_TRUE(files->Write("tile/0/001", "b"));
  const auto over = files->Write("tile/0/000", "c");
  EXPECT_EQ(over.error().reason, "EXPORT_MALFORMED");
  EXPECT_EQ(Read("tile/0/000"), "a");
  // What came before stays, and is said to.
  EXPECT_NE(over.error().message.find("is in " + folder_), std::string::npos);
}

TEST_F(ExportFilesTest, AFolderThatIsThereIsLeftAlone) {
  fs::create_directories(folder_);
  const auto files = ExportFiles::Create(folder_, Language::kFrench);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().reason, "ALREADY_EXISTS");
  EXPECT_NE(files.error().message.find("existe déjà"), std::string::npos);
}

}  // namespace
}  // namespace jalon::cli
