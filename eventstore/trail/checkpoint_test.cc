#include "eventstore/trail/checkpoint.h"

#include <gtest/gtest.h>

#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kRoot = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
constexpr std::string_view kEmptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

std::string Lines(std::string_view origin, std::string_view size, std::string_view root) {
  return std::string(origin) + '\n' + std::string(size) + '\n' + std::string(root) + '\n';
}

Flaw FlawOf(std::string_view text) {
  const auto checkpoint = ParseCheckpoint(text);
  EXPECT_FALSE(checkpoint) << text;
  return checkpoint ? Flaw::kStale : checkpoint.error();
}

TEST(CheckpointTest, IsReadAsItWasWritten) {
  const Checkpoint checkpoint{
      .origin = std::string(kOrigin),
      .size = 8,
      .root = HashOf("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")};
  const std::string text = Lines(kOrigin, "8", kRoot);
  EXPECT_EQ(FormatCheckpoint(checkpoint), text);
  EXPECT_EQ(ParseCheckpoint(text), checkpoint);
}

TEST(CheckpointTest, AnEmptyTreeHasTheEmptyRoot) {
  EXPECT_EQ(ParseCheckpoint(Lines("o", "0", kEmptyRoot))->size, 0u);
  EXPECT_EQ(FlawOf(Lines("o", "0", kRoot)), Flaw::kEmptyTreeRoot);
}

TEST(CheckpointTest, HasExactlyThreeLines) {
  EXPECT_EQ(FlawOf(""), Flaw::kCheckpointLines);
  EXPECT_EQ(FlawOf("o\n8\n"), Flaw::kCheckpointLines);
  EXPECT_EQ(FlawOf(Lines("o", "8", kRoot) + "an extension\n"), Flaw::kCheckpointLines);
  EXPECT_EQ(FlawOf(Lines("o", "8", kRoot) + '\n'), Flaw::kCheckpointLines);
  EXPECT_EQ(FlawOf("o\n8\n\n" + std::string(kRoot)), Flaw::kCheckpointLines);
}

TEST(CheckpointTest, HasOneSpelling) {
  for (const char* origin : {"", " o", "o ", "o p", "o+p", "o\u2003p", "o\r", "o\x7f\xc2"}) {
    EXPECT_EQ(FlawOf(Lines(origin, "8", kRoot)), Flaw::kCheckpointOrigin) << origin;
  }
  for (const char* size : {"", "08", "00", "+8", "-8", "-0", " 8", "8 ", "8\r", "0x8", "8.0",
                           "9223372036854775808", "99999999999999999999"}) {
    EXPECT_EQ(FlawOf(Lines("o", size, kRoot)), Flaw::kCheckpointSize) << size;
  }
  for (const char* root : {"", "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg",
                           "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=",
                           "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg= ", "AQ=="}) {
    EXPECT_EQ(FlawOf(Lines("o", "8", root)), Flaw::kCheckpointRoot) << root;
  }
  EXPECT_EQ(ParseCheckpoint(Lines("o", "9223372036854775807", kRoot))->size, uint64_t{INT64_MAX});
}

}  // namespace
}  // namespace jalon::trail
