// A trail's export through the door: it ends where its grant does, and where its reader stops.
#include "services/api/trail_door.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <thread>

#include "eventstore/log/ancestry.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/all_views.h"
#include "services/api/queries/engine_views.h"
#include "services/api/queries/vault_testing.h"
#include "services/api/server.h"
#include "services/api/services.h"
#include "services/client/trail_export.h"
#include "services/token/signer.h"

namespace jalon::api {
namespace {

using access::v1::AccessEntry;
using projections::testing::kGarage;
using projections::testing::kSchoolA;
using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;

const Bytes kAnne = "anne0001";
const Bytes kGrant = "grant001";
constexpr Micros kNoon =
    std::chrono::sys_days(std::chrono::year(2026) / 9 / 15).time_since_epoch() +
    std::chrono::hours(16);

class MovedClock final : public Clock {
 public:
  Micros Wall() const override { return Micros(now_); }
  Micros Monotonic() const override { return Micros(now_) - kNoon; }
  void Advance(Micros by) { now_ += by.count(); }

 private:
  std::atomic<int64_t> now_ = kNoon.count();
};

// One thread that works off what it is given.
class Worker {
 public:
  ~Worker() {
    {
      MutexLock lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  bool Run(std::function<void()> work) {
    MutexLock lock(mutex_);
    queue_.push_back(std::move(work));
    wake_.notify_all();
    return true;
  }

 private:
  void Work() {
    for (;;) {
      std::function<void()> work;
      {
        MutexLock lock(mutex_);
        lock.Wait(wake_, [this] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) return;
        work = std::move(queue_.front());
        queue_.pop_front();
      }
      work();
    }
  }

  Mutex mutex_;
  Condition wake_;
  std::deque<std::function<void()>> queue_;
  bool ending_ = false;
  std::thread thread_{[this] { Work(); }};
};

class NoPublisher final : public Publisher {
 public:
  void Publish(const trail::Checkpoint&, std::function<void()> done) override { done(); }
};

class TrailDoorTest : public testing::Test {
 protected:
  TrailDoorTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/trail_door_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    access_ =
        std::move(*access::AccessLog::Open({.folder = folder_ + "/access", .clock = real_clock_}));
    access_->Start();
    signer_of_tokens_ = std::move(*token::Signer::Load(folder_ + "/token.jwk", true));
    verifier_ =
        std::move(*token::Verifier::Make({signer_of_tokens_->PublicKeys()}, {}, real_clock_));
    tokens_ = std::make_unique<token::Cache>(*verifier_, real_clock_);
    EXPECT_TRUE(projector_.Open());
    placement_.Placed(kSchoolA, Partition{0});
  }
  ~TrailDoorTest() override {
    if (door_ != nullptr) door_->EndStreams();
    server_.reset();
    door_.reset();
    access_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Happened(const google::protobuf::Message& payload, uint32_t type) {
    log::v1::Event event;
    event.set_tenant(kSchoolA);
    event.set_type(type);
    event.set_aggregate_kind(type::v1::AGGREGATE_KIND_GRANT);
    event.set_aggregate(kGrant);
    event.set_version(1);
    event.set_subject(kAnne);
    event.set_occurred_on(20260901);
    event.set_payload(payload.SerializeAsString());
    history_.Append(kSchoolA, {event});
    projections::testing::StepToEnd(projector_);
  }
  void Grant(uint32_t expires_on) {
    event::v1::AccessGranted granted;
    granted.set_person_id(kAnne);
    granted.set_role(type::v1::ROLE_AUDITOR);
    granted.mutable_scope()->set_whole_school(true);
    granted.set_expires_on(expires_on);
    Happened(granted, event::v1::EventBody::kAccessGranted);
  }
  void Revoke() {
    event::v1::AccessRevoked revoked;
    revoked.set_person_id(kAnne);
    Happened(revoked, event::v1::EventBody::kAccessRevoked);
  }
  // So many entries of 50 kB.
  void Report(uint64_t entries) {
    for (uint64_t i = 0; i < entries; ++i) {
      history_.Append(kSchoolA, {projections::testing::MakeReport(kSchoolA, kGarage, i,
                                                                  std::string(50'000, 'x'))});
    }
    projections::testing::StepToEnd(projector_);
  }

  void Serve(std::chrono::milliseconds write_max = kExportWriteMax) {
    door_ = std::make_unique<TrailDoor>(TrailDoor::Parts{
        .clock = clock_,
        .real_clock = real_clock_,
        .tokens = *tokens_,
        .frame = frame_,
        .placement = placement_,
        .views = views_,
        .log = history_.log(),
        .root_log = root_log_,
        .publisher = publisher_,
        .run = [this](std::function<void()> work) { return worker_.Run(std::move(work)); },
        .access = access_.get(),
        .write_max = write_max});
    std::vector<Endpoint> endpoints;
    for (const auto& stream : table_.streams) {
      const QueryMethod* begin = queries_.FindByRequest(stream->request->GetDescriptor());
      if (begin == nullptr) continue;
      endpoints.push_back({stream->path, nullptr, door_->HandlerOf(*stream, *begin)});
    }
    server_ = std::move(*Server::Start({.listen = "127.0.0.1:0"}, std::move(endpoints)));
  }

  // What an export comes to; `step` sees each response.
  client::Reply Export(const client::TrailExports::Step& step,
                       type::v1::Role role = type::v1::ROLE_AUDITOR) {
    const auto now = std::chrono::duration_cast<token::Seconds>(real_clock_.Wall());
    const domain::Principal anne{
        .person_id = kAnne, .role = role, .school_id = kSchoolA, .company_id = {}, .modules = {}};
    const client::TrailExports exports(
        "127.0.0.1:" + std::to_string(server_->port()),
        {.token = *signer_of_tokens_->Sign({anne, now, now + token::Seconds(600)}, {})});
    ExportTrailRequest request;
    request.set_company_id(kGarage);
    return exports.Export(request, step);
  }
  // What stands in the access log: "5 trail.export" by kind and action, one a line.
  std::string Entries() {
    access_->Stop();
    std::string lines;
    EXPECT_TRUE(access_->EachBefore(UINT64_MAX, [&](const AccessEntry& entry) {
      if (entry.action().empty()) return true;
      lines.insert(0, std::to_string(entry.kind()) + " " + entry.action() + " " +
                          std::to_string(entry.reason()) + "\n");
      return true;
    }));
    return lines;
  }

  std::string folder_;
  SystemClock real_clock_;
  MovedClock clock_;
  projections::testing::TrailHistory history_;
  std::unique_ptr<const projections::ViewSet> view_set_ = projections::MakeAllViews(Bytes(16, 'D'));
  projections::MemoryViewStore store_;
  projections::Projector projector_{
      {.partitions = projections::testing::Partitions(2)}, history_.log(), store_, *view_set_};
  EngineViews views_{projector_.publication()};
  TestVault vault_;
  Opener opener_{vault_};
  PageTokens pages_{vault_, clock_};
  eventstore::Signer signer_{eventstore::SigningKey(trail::Seed{1, 2, 3}),
                             std::make_unique<eventstore::TransientSignerMemory>()};
  TrailNames names_{.deployment = Bytes(16, 'D'), .signer = &signer_};
  Placement placement_ = Placement(2, Partition{2});
  const Placement nowhere_ = Placement(2);  // nothing is published here
  eventstore::Ancestry ancestry_;
  RootLog root_log_{{.views = views_, .placement = nowhere_, .names = names_}};
  NoPublisher publisher_;
  const Queries queries_ = AllQueries();
  const MethodTable table_ = *MethodTable::Make(PublicServices());
  std::unique_ptr<access::AccessLog> access_;
  std::unique_ptr<token::Signer> signer_of_tokens_;
  std::unique_ptr<token::Verifier> verifier_;
  std::unique_ptr<token::Cache> tokens_;
  QueryFrame frame_{
      {.views = views_,
       .placement = placement_,
       .ancestry = ancestry_,
       .clock = clock_,
       .opener = opener_,
       .pages = pages_,
       .trails = names_,
       .run = [this](std::function<void()> work) { return worker_.Run(std::move(work)); }}};
  std::unique_ptr<TrailDoor> door_;
  std::unique_ptr<Server> server_;
  Worker worker_;  // last: it uses everything above
};

TEST_F(TrailDoorTest, AnExportIsWholeAndEntered) {
  Grant(20261231);
  Report(20);
  Serve();
  size_t bytes = 0;
  const client::Reply reply = Export([&](const ExportTrailResponse& response) {
    bytes += response.file().bytes().size();
    return true;
  });
  EXPECT_TRUE(reply.ok) << reply.error.message;
  EXPECT_GT(bytes, 20u * 50'000);
  EXPECT_EQ(Entries(), "4 trail.export 0\n");
}

// Far more than fits into what is on its way.
constexpr uint64_t kManyEntries = 600;

TEST_F(TrailDoorTest, ARunningExportEndsWithItsGrant) {
  Grant(20261231);
  Report(kManyEntries);
  Serve();
  size_t bytes = 0;
  const client::Reply reply = Export([&](const ExportTrailResponse& response) {
    if (bytes == 0) Revoke();
    bytes += std::max<size_t>(response.file().bytes().size(), 1);
    return true;
  });
  EXPECT_FALSE(reply.ok);
  EXPECT_EQ(reply.error.reason, "GRANT_ENDED") << reply.error.message;
  EXPECT_EQ(reply.error.code, Code::kPermissionDenied);
  EXPECT_LT(bytes, kManyEntries * 50'000);
  EXPECT_EQ(Export([](const auto&) { return true; }).error.reason, "NOT_FOUND") << "and no other";
  // What the frame refuses, as that one, it notes itself: list_access_test.
  EXPECT_EQ(Entries(), "4 trail.export 0\n1 trail.export " +
                           std::to_string(refusal::v1::REFUSAL_REASON_GRANT_ENDED) + "\n");
}

TEST_F(TrailDoorTest, ARunningExportEndsAfterTheLastDay) {
  Grant(20260915);  // today
  Report(kManyEntries);
  Serve();
  bool first = true;
  const client::Reply reply = Export([&](const ExportTrailResponse&) {
    if (first) clock_.Advance(std::chrono::hours(24));
    first = false;
    return true;
  });
  EXPECT_EQ(reply.error.reason, "GRANT_ENDED") << reply.error.message;
}

TEST_F(TrailDoorTest, AReaderThatStopsReadingGivesItsPlaceBack) {
  Grant(20261231);
  Report(kManyEntries);
  Serve(std::chrono::milliseconds(300));
  std::atomic<bool> stuck = true;
  std::atomic<int> reading = 0;
  std::vector<std::thread> readers;
  std::vector<client::Reply> replies(kExportStreamsPerPersonMax);
  for (client::Reply& reply : replies) {
    readers.emplace_back([&] {
      bool first = true;
      reply = Export([&](const ExportTrailResponse&) {
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
    third = Export([](const ExportTrailResponse&) { return true; });
  } while (!third.ok && std::chrono::steady_clock::now() < until);
  EXPECT_TRUE(third.ok) << third.error.message;
  stuck = false;
  for (std::thread& reader : readers) reader.join();
  for (const client::Reply& reply : replies) {
    EXPECT_FALSE(reply.ok);
    EXPECT_EQ(reply.error.code, Code::kCancelled);
  }
}

TEST_F(TrailDoorTest, AReaderThatIsSlowIsNotStuck) {
  Grant(20261231);
  Report(60);
  Serve(std::chrono::milliseconds(500));
  const client::Reply reply = Export([&](const ExportTrailResponse&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return true;
  });
  EXPECT_TRUE(reply.ok) << reply.error.message;
}

TEST_F(TrailDoorTest, AStreamThatHasNothingToSendForAWhileIsNotStuck) {
  Grant(20261231);
  Report(60);
  Serve(std::chrono::milliseconds(300));
  bool first = true;
  const client::Reply reply = Export([&](const ExportTrailResponse&) {
    if (first) {
      worker_.Run([] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
    }
    first = false;
    return true;
  });
  EXPECT_TRUE(reply.ok) << reply.error.message;
}

TEST_F(TrailDoorTest, NothingLeavesThatTheAccessLogDoesNotTake) {
  Grant(20261231);
  Report(3);
  Serve();
  access_->Stop();
  int responses = 0;
  const client::Reply reply = Export([&](const ExportTrailResponse&) {
    ++responses;
    return true;
  });
  EXPECT_EQ(reply.error.reason, "ACCESS_LOG_UNAVAILABLE");
  EXPECT_EQ(responses, 0);
}

TEST_F(TrailDoorTest, ARoleThatMayNotExportIsRefusedAndNoted) {
  Grant(20261231);
  Report(3);
  Serve();
  const auto reply = Export([](const auto&) { return true; }, type::v1::ROLE_TEACHER);
  EXPECT_EQ(reply.error.reason, "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Entries(), "1 trail.export " +
                           std::to_string(refusal::v1::REFUSAL_REASON_ROLE_NOT_ALLOWED) + "\n");
}

}  // namespace
}  // namespace jalon::api
