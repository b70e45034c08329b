#include "eventstore/trail/export_writer.h"

#include <gtest/gtest.h>

#include <map>

#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

// Every file below, by its path, with how long it is.
std::map<std::string, size_t> FilesOf(const std::filesystem::path& folder) {
  std::map<std::string, size_t> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    files[std::filesystem::relative(file.path(), folder).string()] = file.file_size();
  }
  return files;
}

std::map<std::string, size_t> Exported(uint64_t size) {
  const TempFolder folder;
  auto files = ExportFolder::Create(folder.path() / "export");
  EXPECT_TRUE(files);
  ExportWriter writer(*files);
  for (uint64_t i = 0; i < size; ++i) EXPECT_TRUE(writer.Append("x"));
  EXPECT_EQ(writer.size(), size);
  EXPECT_TRUE(writer.Finish("note\n"));
  return FilesOf(folder.path() / "export");
}

using Files = std::map<std::string, size_t>;

TEST(ExportWriterTest, LaysOutTheFilesOfTheSpecification) {
  EXPECT_EQ(Exported(0), (Files{{"checkpoint", 5}}));
  EXPECT_EQ(Exported(3),
            (Files{{"checkpoint", 5}, {"tile/0/000.p/3", 96}, {"tile/entries/000.p/3", 9}}));
  EXPECT_EQ(Exported(256), (Files{{"checkpoint", 5},
                                  {"tile/0/000", 8192},
                                  {"tile/1/000.p/1", 32},
                                  {"tile/entries/000", 768}}));
  const Files large = Exported(70'000);
  EXPECT_EQ(large.size(), 1u + 274 + 274 + 2 + 1);
  EXPECT_EQ(large.at("tile/0/273.p/112"), 112u * 32);
  EXPECT_EQ(large.at("tile/1/000"), 8192u);
  EXPECT_EQ(large.at("tile/1/001.p/17"), 17u * 32);
  EXPECT_EQ(large.at("tile/2/000.p/1"), 32u);
  EXPECT_EQ(large.at("tile/entries/273.p/112"), 112u * 3);
}

TEST(ExportWriterTest, HoldsWhatTheTreeHashes) {
  const TempFolder folder;
  auto files = ExportFolder::Create(folder.path() / "export");
  ASSERT_TRUE(files);
  ExportWriter writer(*files);
  std::vector<std::string> entries;
  for (uint64_t i = 0; i < 300; ++i) entries.push_back(TrailEvent(i));
  for (const std::string& entry : entries) ASSERT_TRUE(writer.Append(entry));
  ASSERT_TRUE(writer.Finish("note\n"));

  NaiveTree naive(LeavesOf(entries));
  EXPECT_EQ(writer.Root(), naive.Root(300));
  std::string leaves;
  for (size_t i = 0; i < 256; ++i) leaves += View(naive.leaf(i));
  EXPECT_EQ(ReadAll(folder.path() / "export/tile/0/000"), leaves);
  EXPECT_EQ(ReadAll(folder.path() / "export/tile/1/000.p/1"), View(naive.Root(0, 256)));
  const std::string bundle = ReadAll(folder.path() / "export/tile/entries/001.p/44");
  EXPECT_EQ(bundle.substr(2, entries[256].size()), entries[256]);
  EXPECT_EQ(static_cast<uint8_t>(bundle[0]) * 256 + static_cast<uint8_t>(bundle[1]),
            static_cast<int>(entries[256].size()));
}

TEST(ExportWriterTest, AnEntryThatTheFormatCannotHoldIsRefused) {
  const TempFolder folder;
  auto files = ExportFolder::Create(folder.path() / "export");
  ASSERT_TRUE(files);
  ExportWriter writer(*files);
  EXPECT_TRUE(writer.Append(std::string(kEntryBytesMax, 'x')));
  const auto refused = writer.Append(std::string(kEntryBytesMax + 1, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "ENTRY_TOO_LONG");
  EXPECT_EQ(writer.size(), 1u);
}

TEST(ExportWriterTest, NothingIsWrittenOver) {
  const TempFolder folder;
  EXPECT_EQ(ExportFolder::Create(folder.path()).error().reason, "ALREADY_EXISTS");
}

}  // namespace
}  // namespace jalon::trail
