#include "services/cli/csv.h"

#include <gtest/gtest.h>

namespace jalon::cli {
namespace {

using Fields = std::vector<std::string>;

TEST(Csv, QuotesHoldCommasQuotesAndLineBreaks) {
  const CsvFile file = ParseCsv("a,\"b, \"\"c\"\"\nd\",e\n1,2,3\n");
  ASSERT_TRUE(file.faults.empty());
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].fields, (Fields{"a", "b, \"c\"\nd", "e"}));
  EXPECT_EQ(file.rows[1].number, 2U);
}

TEST(Csv, SpreadsheetsWriteAByteOrderMarkAndCrLf) {
  const CsvFile file = ParseCsv("\xef\xbb\xbfx,y\r\n1,\"2\"\r\n");
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].fields, (Fields{"x", "y"}));
  EXPECT_EQ(file.rows[1].fields, (Fields{"1", "2"}));
}

TEST(Csv, InQuebecSpreadsheetsSeparateBySemicolons) {
  const CsvFile file = ParseCsv("\xef\xbb\xbfx;y\r\n\"a; b\";1,5\r\n");
  ASSERT_TRUE(file.faults.empty());
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.separator, ';');
  EXPECT_EQ(file.rows[1].fields, (Fields{"a; b", "1,5"}));
  EXPECT_EQ(ParseCsv("\"a;b;c\",d\n").rows[0].fields, (Fields{"a;b;c", "d"}))
      << "what is in quotes separates nothing";
}

TEST(Csv, Utf16IsRefusedInWordsAndNotRead) {
  for (const std::string& text :
       {std::string("\xff\xfex\0,\0y\0", 8), std::string("\xfe\xff\0x\0,\0y", 8),
        std::string("x\0,\0y\0", 6)}) {
    const CsvFile file = ParseCsv(text);
    EXPECT_TRUE(file.rows.empty());
    ASSERT_EQ(file.faults.size(), 1U);
    EXPECT_EQ(file.faults[0].row, 0U);
    EXPECT_NE(file.faults[0].what.In(Language::kFrench).find("CSV UTF-8"), std::string::npos);
  }
}

TEST(Csv, BlankLinesAreCountedAndLeftOut) {
  const CsvFile file = ParseCsv("x\n\n\ny");
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[1].number, 4U);
}

TEST(Csv, EmptyFieldsStay) {
  EXPECT_EQ(ParseCsv(",\n").rows[0].fields, (Fields{"", ""}));
  EXPECT_EQ(ParseCsv("a,").rows[0].fields, (Fields{"a", ""}));
  EXPECT_TRUE(ParseCsv("").rows.empty());
}

TEST(Csv, FaultsNameTheirRow) {
  const CsvFile file = ParseCsv("a\nb\"c\n\"d\"e\n\"open");
  ASSERT_EQ(file.faults.size(), 3U);
  EXPECT_EQ(file.faults[0].row, 2U);
  EXPECT_EQ(file.faults[1].row, 3U);
  EXPECT_EQ(file.faults[2].row, 4U);
  EXPECT_EQ(file.rows[3].fields, Fields{"open"});
}

}  // namespace
}  // namespace jalon::cli
