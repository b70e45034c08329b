#include "services/cli/text.h"

#include <gtest/gtest.h>

namespace jalon::cli {
namespace {

TEST(Text, WidthCountsColumnsAndNotBytes) {
  EXPECT_EQ(DisplayWidth("école"), 5U);
  EXPECT_EQ(DisplayWidth("e\u0301cole"), 5U);  // a combining accent
  EXPECT_EQ(DisplayWidth("学校"), 4U);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2U);  // no UTF-8
  EXPECT_EQ(Pad("é", 3), "é  ");
  EXPECT_EQ(Pad("é", 3, Align::kRight), "  é");
  EXPECT_EQ(Pad("long", 2), "long");
}

TEST(Text, WrapsAtSpacesAndWithinWordsThatAreTooLong) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(Wrap("prévenir les risques", 12), (Lines{"prévenir les", "risques"}));
  EXPECT_EQ(Wrap("éééééé", 4), (Lines{"éééé", "éé"}));
  EXPECT_EQ(Wrap("", 4), Lines{""});
}

TEST(Text, ControlCharactersMoveNoCursor) {
  EXPECT_EQ(Printable("a\x1b[2Jb\nc\u009b"), "a [2Jb c ");
  EXPECT_EQ(Printable("être"), "être");
  // A name that turns the rest of its line around, or begins another one.
  EXPECT_EQ(Printable("a\u202eb\u2066c\u2028d"), "a b c d");
  EXPECT_EQ(Printable("אב – \u2018x\u2019"), "אב – \u2018x\u2019");
}

TEST(Text, Utf8IsTold) {
  EXPECT_TRUE(IsUtf8("Énoncé 学 \U0001f600"));
  for (const char* wrong : {"\xc9nonc\xe9", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\x80", "\xe5\xad"}) {
    EXPECT_FALSE(IsUtf8(wrong)) << wrong;
  }
}

TEST(Text, NumbersAndTimes) {
  EXPECT_EQ(CountText(1234567, Language::kEnglish), "1,234,567");
  EXPECT_EQ(CountText(1800, Language::kFrench), "1\u202f800");
  EXPECT_EQ(CountText(120, Language::kEnglish), "120");
  EXPECT_EQ(SizeText(0), "0 B");
  EXPECT_EQ(SizeText(1536), "1.5 KiB");
  EXPECT_EQ(SizeText(200ULL << 30), "200 GiB");
  EXPECT_EQ(HoursText(2700), "45 h");
  EXPECT_EQ(HoursText(95), "1 h 35");
  EXPECT_EQ(TimeText(1'788'271'331'000'000), "2026-09-01 14:02:11Z");
  EXPECT_EQ(ParseDay("2026-09-01"), 20260901U);
  EXPECT_EQ(ParseDay("20260901"), 20260901U);
  for (const char* wrong : {"2026-02-30", "2026-9-1", "", "20260901x", "-2026090", "2026-09-0x"}) {
    EXPECT_EQ(ParseDay(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace jalon::cli
