#include "services/api/call.h"

#include <gtest/gtest.h>

#include "eventstore/base/hash.h"

namespace jalon::api {
namespace {

TEST(LanguageTest, IsThePreferredOfTheTwo) {
  const auto is_french = [](std::string_view header) {
    return LanguageOf(header) == Language::kFrench;
  };
  for (const char* header : {"fr", "fr-CA", "FR-ca", "fr-CA, en;q=0.8", "de, fr;q=0.5",
                             "en;q=0.3, fr;q=0.7", " fr ; q=1.0"}) {
    EXPECT_TRUE(is_french(header)) << header;
  }
  for (const char* header : {"", "en", "en-CA, fr;q=0.9", "de", "fr;q=0", "fro", "fr;q=x", "*",
                             "en, fr", ";;,,", "fr;q=0.2, en;q=0.3"}) {
    EXPECT_FALSE(is_french(header)) << header;
  }
}

TEST(TraceTest, TakesOneFormOnly) {
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_EQ(ToHex(ParseTraceParent(good)), "4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b701");
  for (std::string bad :
       {good.substr(1), good + "-", std::string("01") + good.substr(2),
        std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
        std::string("00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01"), std::string()}) {
    EXPECT_EQ(ParseTraceParent(bad), "") << bad;
  }
}

}  // namespace
}  // namespace jalon::api
