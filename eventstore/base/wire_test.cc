#include "eventstore/base/wire.h"

#include <gtest/gtest.h>

#include <vector>

namespace jalon::wire {
namespace {

struct Read {
  std::vector<Field> fields;
  bool ok = false;
};

Read ReadAll(std::string_view message) {
  Reader reader(message);
  Read read;
  for (Field field; reader.Next(&field);) read.fields.push_back(field);
  read.ok = reader.ok();
  return read;
}

TEST(Wire, ReadsWhatItWrites) {
  std::string message;
  AppendNumber(1, 0, &message);
  AppendNumber(2, 300, &message);
  AppendNumber(536'870'911, UINT64_MAX, &message);  // the largest field number there is
  AppendBytes(15, "abc", &message);
  AppendBytes(16, "", &message);
  const Read read = ReadAll(message);
  ASSERT_TRUE(read.ok);
  ASSERT_EQ(read.fields.size(), 5u);
  EXPECT_EQ(read.fields[0].number, 0u);
  EXPECT_EQ(read.fields[1].U32(), 300u);
  EXPECT_EQ(read.fields[2].id, 536'870'911u);
  EXPECT_EQ(read.fields[2].I64(), -1);
  EXPECT_EQ(read.fields[3].bytes, "abc");
  EXPECT_TRUE(read.fields[4].Is(16, Type::kBytes));
}

TEST(Wire, ReadsFixedNumbers) {
  const Read read = ReadAll(std::string("\x09\x01\0\0\0\0\0\0\x80\x15\x02\0\0\0", 14));
  ASSERT_TRUE(read.ok);
  ASSERT_EQ(read.fields.size(), 2u);
  EXPECT_EQ(read.fields[0].number, 0x8000000000000001u);
  EXPECT_EQ(read.fields[1].number, 2u);
}

TEST(Wire, SizesAreThoseWritten) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{16'383},
                               uint64_t{16'384}, uint64_t{1} << 63, UINT64_MAX}) {
    std::string bytes;
    AppendVarint(value, &bytes);
    EXPECT_EQ(VarintSize(value), bytes.size()) << value;
  }
}

TEST(Wire, RefusesWhatIsMalformed) {
  const std::vector<std::string> malformed = {
      {"\x80", 1},                                           // a tag that does not end
      {"\x00\x00", 2},                                       // field number 0
      {"\x08", 1},                                           // no value
      {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11},  // 65 bits
      {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12},
      {"\x0a\x05"
       "abc",
       5},                                                   // longer than what is left
      {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},  // longer than any memory
      {"\x09\x01\x02\x03\x04\x05\x06\x07", 8},               // half a fixed64
      {"\x0d\x01\x02\x03", 4},                               // half a fixed32
      {"\x0b\x0c", 2},                                       // a group
      {"\x0e", 1},                                           // wire type 6
      {"\xf8\xff\xff\xff\xff\x01\x00", 7},                   // a tag over 32 bits
  };
  for (const std::string& message : malformed) {
    const Read read = ReadAll(message);
    EXPECT_FALSE(read.ok) << testing::PrintToString(message);
    EXPECT_TRUE(read.fields.empty()) << testing::PrintToString(message);
  }
}

TEST(Wire, StaysMalformed) {
  Reader reader("\x0b\x08\x01");
  Field field;
  EXPECT_FALSE(reader.Next(&field));
  EXPECT_FALSE(reader.Next(&field));
  EXPECT_FALSE(reader.ok());
}

// Every prefix of a message ends cleanly at a field's border or is refused; none reads beyond.
TEST(Wire, PrefixesNeverReadBeyond) {
  std::string message;
  AppendNumber(3, 1 << 20, &message);
  AppendBytes(4, std::string(200, 'x'), &message);
  size_t clean = 0;
  for (size_t size = 0; size <= message.size(); ++size) {
    const std::string prefix = message.substr(0, size);  // its own buffer: asan sees an overrun
    clean += ReadAll(prefix).ok;
  }
  EXPECT_EQ(clean, 3u);  // nothing, the first field, both
}

}  // namespace
}  // namespace jalon::wire
