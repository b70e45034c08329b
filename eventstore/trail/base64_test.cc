#include "eventstore/trail/base64.h"

#include <gtest/gtest.h>

namespace jalon::trail {
namespace {

TEST(Base64Test, HasOneSpelling) {
  EXPECT_EQ(ToBase64(""), "");
  EXPECT_EQ(ToBase64("\x01"), "AQ==");
  EXPECT_EQ(ToBase64("\xfb\xff"), "+/8=");
  EXPECT_EQ(FromBase64("+/8="), "\xfb\xff");
  EXPECT_EQ(FromBase64(""), "");
  for (const char* other : {"AR==", "AQ=", "AQ", "AQ===", "AQ==AQ==", "AQ==\n",
                            " AQ==", "A Q==", "-_8=", "+/9=", "A", "===="}) {
    EXPECT_EQ(FromBase64(other), std::nullopt) << other;
  }
  EXPECT_EQ(FromBase64(std::string_view("AQ=\0", 4)), std::nullopt);
}

TEST(Base64Test, WhatDecodesEncodesToItself) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  size_t decoded = 0;
  for (const char third : std::string_view(kDigits)) {
    for (const char last : std::string_view(kDigits)) {
      const std::string text = {'Q', 'U', third, last};
      const auto bytes = FromBase64(text);
      if (!bytes) continue;
      EXPECT_EQ(ToBase64(*bytes), text);
      ++decoded;
    }
  }
  EXPECT_EQ(decoded, 64 * 64 + 16);  // 3 bytes; 2 bytes. 1 byte would need 'QQ==' for 'QU=='.
}

// libsodium 1.0.18 alone takes some bytes beyond ASCII for letters.
TEST(Base64Test, NoOtherByteIsALetter) {
  size_t letters = 0;
  for (int byte = 0; byte < 256; ++byte) {
    for (size_t at = 0; at < 3; ++at) {
      std::string text = "AAAA";
      text[at] = static_cast<char>(byte);
      const auto bytes = FromBase64(text);
      if (!bytes) continue;
      EXPECT_EQ(ToBase64(*bytes), text);
      ++letters;
    }
  }
  EXPECT_EQ(letters, 3 * 64);
}

TEST(Base64Test, AHashHas32Bytes) {
  EXPECT_TRUE(HashFromBase64("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="));
  EXPECT_FALSE(HashFromBase64("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQw=="));
  EXPECT_FALSE(HashFromBase64("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyj="));
}

}  // namespace
}  // namespace jalon::trail
