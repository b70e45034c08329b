// Runs from the root of the checkout. FEED_SOURCES is what the build made of the protos.
#include "projections/feed/page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "projections/feed/feed.h"
#include "projections/feed/published.h"

namespace jalon::projections {
namespace {

constexpr const char* kPreface = "projections/feed/preface.md";

std::string ReadAll(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(ContractPage, IsWhatTheProtosSayNow) {
  const auto page = ContractPage(ReadAll(kPreface), ReadAll(FEED_SOURCES));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(*page == ReadAll("proto/FEED.md"))
      << "proto/FEED.md is stale: ./dev build feed_contract writes it";
}

TEST(ContractPage, TellsOfEveryEventAndOfWhatIsNeverInIt) {
  const std::string page = *ContractPage(ReadAll(kPreface), ReadAll(FEED_SOURCES));
  const auto& registry = *event::v1::EventBody::descriptor();
  for (int i = 0; i < registry.field_count(); ++i) {
    const auto& options = registry.field(i)->message_type()->options();
    if (options.GetExtension(option::v1::event).system()) continue;  // told to nobody
    if (!IsPublished(*registry.field(i))) continue;                  // neither
    EXPECT_NE(page.find("`" + FeedTypeOf(*registry.field(i)->message_type()) + "`"),
              std::string::npos);
  }
  EXPECT_NE(page.find("Never in it: `attempt`, `result`, `evaluator_id`, `remarks`."),
            std::string::npos);
}

TEST(ContractPage, RefusesWhatIsNoContract) {
  EXPECT_EQ(ContractPage("", "nonsense").error().reason, "CONTRACT_UNREADABLE");
}

}  // namespace
}  // namespace jalon::projections
