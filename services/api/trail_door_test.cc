// A trail's export through the door: it ends where its grant does, and where its reader stops.
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/api/trail_door_testing.h"

namespace jalon::api {
namespace {

using trail::v1::ExportTrailResponse;

TEST_F(TrailDoorTest, AnExportIsWholeAndEntered) {
  Grant(20261231);
  Report(20);
  node_.Serve();
  size_t bytes = 0;
  const client::Reply reply = node_.Export([&](const ExportTrailResponse& response) {
    bytes += response.file().bytes().size();
    return true;
  });
  EXPECT_TRUE(reply.ok) << reply.error.message;
  EXPECT_GT(bytes, 20u * 50'000);
  EXPECT_EQ(node_.Entries(), "4 trail.export 0\n");
}

// Far more than fits into what is on its way.
constexpr uint64_t kManyEntries = 600;

TEST_F(TrailDoorTest, ARunningExportEndsWithItsGrant) {
  Grant(20261231);
  Report(kManyEntries);
  node_.Serve();
  size_t bytes = 0;
  const client::Reply reply = node_.Export([&](const ExportTrailResponse& response) {
    if (bytes == 0) Revoke();
    bytes += std::max<size_t>(response.file().bytes().size(), 1);
    return true;
  });
  EXPECT_FALSE(reply.ok);
  EXPECT_EQ(reply.error.reason, "GRANT_ENDED") << reply.error.message;
  EXPECT_EQ(reply.error.code, Code::kPermissionDenied);
  EXPECT_LT(bytes, kManyEntries * 50'000);
  EXPECT_EQ(node_.Export([](const auto&) { return true; }).error.reason, "NOT_FOUND")
      << "and no other";
  EXPECT_EQ(node_.Entries(), "4 trail.export 0\n" +
                                 Refused(refusal::v1::REFUSAL_REASON_GRANT_ENDED) +
                                 Refused(refusal::v1::REFUSAL_REASON_NOT_FOUND));
}

TEST_F(TrailDoorTest, ARunningExportEndsAfterTheLastDay) {
  Grant(20260915);  // today
  Report(kManyEntries);
  node_.Serve();
  bool first = true;
  const client::Reply reply = node_.Export([&](const ExportTrailResponse&) {
    if (first) world_.clock.Advance(std::chrono::hours(24));
    first = false;
    return true;
  });
  EXPECT_EQ(reply.error.reason, "GRANT_ENDED") << reply.error.message;
}

TEST_F(TrailDoorTest, AReaderThatStopsReadingGivesItsPlaceBack) {
  Grant(20261231);
  Report(kManyEntries);
  node_.Serve(std::chrono::milliseconds(300));
  std::atomic<bool> stuck = true;
  std::atomic<int> reading = 0;
  std::vector<std::thread> readers;
  readers.reserve(kExportStreamsPerPersonMax);
  std::vector<client::Reply> replies(kExportStreamsPerPersonMax);
  for (client::Reply& reply : replies) {
    readers.emplace_back([&] {
      bool first = true;
      reply = node_.Export([&](const ExportTrailResponse&) {
        if (!first) return true;
        first = false;
        ++reading;
        while (stuck) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return true;
      });
    });
  }
  while (reading < static_cast<int>(kExportStreamsPerPersonMax)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  // While both wait there is no place; then there is, though neither reads again.
  client::Reply third;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  do {
    third = node_.Export([](const ExportTrailResponse&) { return true; });
  } while (!third.ok && std::chrono::steady_clock::now() < until);
  EXPECT_TRUE(third.ok) << third.error.message;
  stuck = false;
  for (std::thread& reader : readers) reader.join();
  for (const client::Reply& reply : replies) {
    EXPECT_FALSE(reply.ok);
    EXPECT_EQ(reply.error.code, Code::kCancelled);
  }
}

TEST_F(TrailDoorTest, WhoExportsTooMuchAtOnceIsToldSoInWords) {
  Grant(20261231);
  Report(3);
  node_.Serve();
  node_.publisher.Hold();
  std::vector<std::thread> readers;
  readers.reserve(kExportStreamsPerPersonMax);
  for (size_t i = 0; i < kExportStreamsPerPersonMax; ++i) {
    readers.emplace_back([&] { EXPECT_TRUE(node_.Export([](const auto&) { return true; }).ok); });
  }
  while (node_.publisher.Held() < kExportStreamsPerPersonMax) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const client::Reply more = node_.Export([](const auto&) { return true; });
  EXPECT_EQ(more.error.reason, "QUEUE_FULL") << more.error.message;
  EXPECT_EQ(more.error.code, Code::kResourceExhausted);
  node_.publisher.LetGo();
  for (std::thread& reader : readers) reader.join();
}

TEST_F(TrailDoorTest, AReaderThatIsSlowIsNotStuck) {
  Grant(20261231);
  Report(60);
  node_.Serve(std::chrono::milliseconds(500));
  const client::Reply reply = node_.Export([&](const ExportTrailResponse&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return true;
  });
  EXPECT_TRUE(reply.ok) << reply.error.message;
}

TEST_F(TrailDoorTest, AStreamThatHasNothingToSendForAWhileIsNotStuck) {
  Grant(20261231);
  Report(60);
  node_.Serve(std::chrono::milliseconds(300));
  bool first = true;
  const client::Reply reply = node_.Export([&](const ExportTrailResponse&) {
    if (first) {
      node_.worker.Run([] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
    }
    first = false;
    return true;
  });
  EXPECT_TRUE(reply.ok) << reply.error.message;
}

TEST_F(TrailDoorTest, NothingLeavesThatTheAccessLogDoesNotTake) {
  Grant(20261231);
  Report(3);
  node_.Serve();
  node_.access->Stop();
  int responses = 0;
  const client::Reply reply = node_.Export([&](const ExportTrailResponse&) {
    ++responses;
    return true;
  });
  EXPECT_EQ(reply.error.reason, "ACCESS_LOG_UNAVAILABLE");
  EXPECT_EQ(responses, 0);
}

TEST_F(TrailDoorTest, ARoleThatMayNotExportIsRefusedAndNoted) {
  Grant(20261231);
  Report(3);
  node_.Serve();
  const auto reply = node_.Export([](const auto&) { return true; }, type::v1::ROLE_TEACHER);
  EXPECT_EQ(reply.error.reason, "ROLE_NOT_ALLOWED");
  EXPECT_EQ(node_.Entries(), Refused(refusal::v1::REFUSAL_REASON_ROLE_NOT_ALLOWED));
}

}  // namespace
}  // namespace jalon::api
