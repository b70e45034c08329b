#include "eventstore/base/archive.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace jalon {
namespace {

enum class Colour : uint8_t { kRed = 1, kBlue = 200 };

struct Inner {
  Bytes id;
  int32_t delta = 0;
  void Fields(auto& archive) { archive(id, delta); }
  bool operator==(const Inner&) const = default;
};

struct Outer {
  bool yes = false;
  uint64_t big = 0;
  int64_t negative = 0;
  Colour colour = Colour::kRed;
  Seq seq;
  std::array<uint8_t, 4> hash{};
  std::vector<Inner> items;
  std::vector<std::string> words;
  std::optional<Inner> maybe;
  void Fields(auto& archive) {
    archive(yes, big, negative, colour, seq, hash, items, words, maybe);
  }
  bool operator==(const Outer&) const = default;
};

std::string Bytesof(const auto& value) {
  std::string bytes;
  Encode(value, &bytes);
  return bytes;
}

Outer Random(std::mt19937_64& random) {
  const auto word = [&] { return std::string(random() % 20, static_cast<char>(random())); };
  const auto number = [&] { return random() >> (random() % 64); };
  const auto inner = [&] { return Inner{word(), static_cast<int32_t>(random())}; };
  Outer outer{.yes = random() % 2 == 1,
              .big = number(),
              .negative = -static_cast<int64_t>(number() >> 1),
              .colour = Colour::kBlue,
              .seq = Seq{number()},
              .hash = {1, 2, 3, static_cast<uint8_t>(random())},
              .items = {},
              .words = {},
              .maybe = {}};
  for (uint64_t i = random() % 4; i > 0; --i) outer.items.push_back(inner());
  for (uint64_t i = random() % 4; i > 0; --i) outer.words.push_back(word());
  if (random() % 2 == 1) outer.maybe = inner();
  return outer;
}

TEST(Archive, MakesTheBytesOfTheExample) {
  EXPECT_EQ(Bytesof(Inner{"ab", 150}), std::string("\x02"
                                                   "ab"
                                                   "\xac\x02",
                                                   5));
}

TEST(Archive, DecodesWhatItEncoded) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    const Outer outer = Random(random);
    Outer back;
    ASSERT_TRUE(Decode(Bytesof(outer), &back));
    ASSERT_EQ(back, outer);
  }
}

TEST(Archive, KeepsTheEndsOfEachRange) {
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0},
                              std::numeric_limits<int64_t>::max()}) {
    int64_t back = 1;
    ASSERT_TRUE(Decode(Bytesof(value), &back));
    EXPECT_EQ(back, value);
  }
  uint64_t most = 0;
  ASSERT_TRUE(Decode(Bytesof(std::numeric_limits<uint64_t>::max()), &most));
  EXPECT_EQ(most, std::numeric_limits<uint64_t>::max());
}

TEST(Archive, RefusesEveryTruncation) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 200; ++round) {
    const std::string bytes = Bytesof(Random(random));
    for (size_t size = 0; size < bytes.size(); ++size) {
      Outer back;
      ASSERT_FALSE(Decode(std::string_view(bytes).substr(0, size), &back));
    }
  }
}

TEST(Archive, SurvivesAnyBytes) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Outer back;
    if (Decode(bytes, &back)) {
      EXPECT_LE(Bytesof(back).size(), bytes.size());
    }
  }
}

TEST(Archive, RefusesTrailingBytesAndValuesOutOfRange) {
  Inner inner;
  EXPECT_FALSE(Decode(Bytesof(Inner{"a", 1}) + "x", &inner));
  uint8_t small = 0;
  EXPECT_FALSE(Decode(Bytesof(uint32_t{256}), &small));
  bool yes = false;
  EXPECT_FALSE(Decode(Bytesof(uint32_t{2}), &yes));
}

TEST(Archive, WeighsWhatLiesOnTheHeap) {
  Inner inner;
  const size_t empty = Weigh(inner);
  inner.id = std::string(1000, 'x');
  EXPECT_GE(Weigh(inner), empty + 1000);
}

}  // namespace
}  // namespace jalon
