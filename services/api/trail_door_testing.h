// For tests of exports through the door: nodes that fold one log, each with its views, its access
// log and its door behind a real server.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/log/ancestry.h"
#include "eventstore/log/log_testing.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/all_views.h"
#include "services/api/queries/engine_views.h"
#include "services/api/queries/vault_testing.h"
#include "services/api/server.h"
#include "services/api/services.h"
#include "services/api/trail_door.h"
#include "services/client/trail_export.h"
#include "services/token/signer.h"

namespace jalon::api {

using projections::testing::kGarage;
using projections::testing::kSchoolA;

inline const Bytes kAnne = "anne0001";
inline const Bytes kExportDeployment(16, 'D');
inline constexpr Micros kExportNoon =
    std::chrono::sys_days(std::chrono::year(2026) / 9 / 15).time_since_epoch() +
    std::chrono::hours(16);

class MovedClock final : public Clock {
 public:
  Micros Wall() const override { return Micros(now_); }
  Micros Monotonic() const override { return Micros(now_) - kExportNoon; }
  void Advance(Micros by) { now_ += by.count(); }

 private:
  std::atomic<int64_t> now_ = kExportNoon.count();
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

// Publishes by what a test gives it; nothing at first.
class TestPublisher final : public Publisher {
 public:
  void Publish(const trail::Checkpoint& log, std::function<void()> done) override {
    if (publish) publish(log);
    {
      MutexLock lock(mutex_);
      if (holding_) return held_.push_back(std::move(done));
    }
    done();
  }
  // From here on nothing is published before it is let go; how many wait.
  void Hold() {
    MutexLock lock(mutex_);
    holding_ = true;
  }
  size_t Held() {
    MutexLock lock(mutex_);
    return held_.size();
  }
  void LetGo() {
    std::vector<std::function<void()>> held;
    {
      MutexLock lock(mutex_);
      holding_ = false;
      held.swap(held_);
    }
    for (const auto& done : held) done();
  }
  std::function<void(const trail::Checkpoint&)> publish;

 private:
  Mutex mutex_;
  bool holding_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> held_ JALON_GUARDED_BY(mutex_);
};

// What all nodes share: the log and its placement, tokens, and a clock. School A lies in partition
// 0 of one; the system partition is 1.
struct ExportWorld {
  explicit ExportWorld(const std::string& name) : folder(testing::TempDir() + "/" + name) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    signer_of_tokens = std::move(*token::Signer::Load(folder + "/token.jwk", true));
    verifier = std::move(*token::Verifier::Make({signer_of_tokens->PublicKeys()}, {}, real_clock));
    tokens = std::make_unique<token::Cache>(*verifier, real_clock);
    placement.Placed(kSchoolA, Partition{0});
  }
  ~ExportWorld() { std::filesystem::remove_all(folder); }
  ExportWorld(const ExportWorld&) = delete;
  ExportWorld& operator=(const ExportWorld&) = delete;

  std::string TokenOf(type::v1::Role role, const Bytes& person_id = kAnne) const {
    const auto now = std::chrono::duration_cast<token::Seconds>(real_clock.Wall());
    const domain::Principal who{.person_id = person_id,
                                .role = role,
                                .school_id = kSchoolA,
                                .company_id = {},
                                .modules = {}};
    return *signer_of_tokens->Sign({who, now, now + token::Seconds(600)}, {});
  }

  const std::string folder;
  SystemClock real_clock;
  MovedClock clock;
  projections::testing::TrailHistory history;
  Placement placement{1, Partition{1}};
  TestVault vault;
  Opener opener{vault};
  PageTokens pages{vault, clock};
  eventstore::Ancestry ancestry;
  const Queries queries = AllQueries();
  const MethodTable table = *MethodTable::Make(PublicServices());
  std::unique_ptr<token::Signer> signer_of_tokens;
  std::unique_ptr<token::Verifier> verifier;
  std::unique_ptr<token::Cache> tokens;
};

// The entry of a refused export, as Entries below says it.
inline std::string Refused(refusal::v1::RefusalReason reason) {
  return "1 trail.export " + std::to_string(reason) + "\n";
}

// `signer`: null: it signs nothing.
struct ExportNode {
  ExportNode(ExportWorld& its_world, const std::string& name, eventstore::Signer* signer)
      : world(its_world),
        names{.deployment = kExportDeployment, .signer = signer},
        access(std::move(*access::AccessLog::Open(
            {.folder = world.folder + "/access-" + name, .clock = world.real_clock}))) {
    access->Start();
    EXPECT_TRUE(projector.Open());
  }
  ~ExportNode() {
    if (door != nullptr) door->EndStreams();
    server.reset();
    door.reset();
    access->Stop();  // it is needed for as long as the worker works
  }
  ExportNode(const ExportNode&) = delete;
  ExportNode& operator=(const ExportNode&) = delete;

  void Fold() { projections::testing::StepToEnd(projector); }

  void Serve(std::chrono::milliseconds write_max = kExportWriteMax,
             const RemoteSigner* remote = nullptr) {
    const auto run = [this](std::function<void()> work) { return worker.Run(std::move(work)); };
    door =
        std::make_unique<TrailDoor>(TrailDoor::Parts{.clock = world.clock,
                                                     .real_clock = world.real_clock,
                                                     .tokens = *world.tokens,
                                                     .start = start,
                                                     .placement = world.placement,
                                                     .views = views,
                                                     .log = world.history.log(),
                                                     .run = run,
                                                     .on_fault = [this](const Error&) { ++faults; },
                                                     .access = access.get(),
                                                     .remote = remote,
                                                     .write_max = write_max});
    std::vector<Endpoint> endpoints;
    for (const auto& stream : world.table.streams) {
      const auto* begin = world.queries.FindByRequest(stream->request->GetDescriptor());
      if (begin == nullptr) continue;
      endpoints.push_back({stream->path, nullptr, door->HandlerOf(*stream, *begin)});
    }
    server = std::move(*Server::Start({.listen = "127.0.0.1:0"}, std::move(endpoints)));
  }

  // What an export comes to; `step` sees each response.
  client::Reply Export(const client::TrailExports::Step& step,
                       type::v1::Role role = type::v1::ROLE_AUDITOR) const {
    const client::TrailExports exports("127.0.0.1:" + std::to_string(server->port()),
                                       {.token = world.TokenOf(role)});
    trail::v1::ExportTrailRequest request;
    request.set_company_id(kGarage);
    return exports.Export(request, step);
  }
  // What stands in the access log: "5 trail.export" by kind and action, one a line.
  std::string Entries() const {
    access->Stop();
    std::string lines;
    EXPECT_TRUE(access->EachBefore(UINT64_MAX, [&](const access::v1::AccessEntry& entry) {
      if (entry.action().empty()) return true;
      lines.insert(0, std::to_string(entry.kind()) + " " + entry.action() + " " +
                          std::to_string(entry.reason()) + "\n");
      return true;
    }));
    return lines;
  }

  ExportWorld& world;
  const TrailNames names;
  std::unique_ptr<access::AccessLog> access;
  const std::unique_ptr<const projections::ViewSet> view_set =
      projections::MakeAllViews(kExportDeployment);
  projections::MemoryViewStore store;
  projections::Projector projector{
      {.partitions = projections::testing::Partitions(2)}, world.history.log(), store, *view_set};
  EngineViews views{projector.publication()};
  RootLog root_log{{.views = views, .placement = world.placement, .names = names}};
  TestPublisher publisher;
  OwnWrites own_writes{eventstore::testing::TestBirth(2).log_incarnation};
  QueryFrame frame{
      {.views = views,
       .placement = world.placement,
       .ancestry = world.ancestry,
       .clock = world.clock,
       .opener = world.opener,
       .pages = world.pages,
       .trails = names,
       .access = access.get(),
       .own_writes = &own_writes,
       .run = [this](std::function<void()> work) { return worker.Run(std::move(work)); }}};
  ExportStart start{
      {.frame = frame,
       .root_log = root_log,
       .publisher = publisher,
       .run = [this](std::function<void()> work) { return worker.Run(std::move(work)); },
       .access = access.get()}};
  std::atomic<int> faults = 0;  // of the door
  std::unique_ptr<TrailDoor> door;
  std::unique_ptr<Server> server;
  Worker worker;  // last: it uses everything above
};

// The log, and a node that signs.
class TrailDoorTest : public testing::Test {
 protected:
  void Happened(const google::protobuf::Message& payload, uint32_t type) {
    log::v1::Event event;
    event.set_tenant(kSchoolA);
    event.set_type(type);
    event.set_aggregate_kind(type::v1::AGGREGATE_KIND_GRANT);
    event.set_aggregate("grant001");
    event.set_version(1);
    event.set_subject(kAnne);
    event.set_occurred_on(20260901);
    event.set_payload(payload.SerializeAsString());
    world_.history.Append(kSchoolA, {event});
    node_.Fold();
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
  // So many more entries of 50 kB.
  void Report(uint64_t entries) {
    for (const uint64_t end = reported_ + entries; reported_ < end; ++reported_) {
      world_.history.Append(kSchoolA, {projections::testing::MakeReport(
                                          kSchoolA, kGarage, reported_, std::string(50'000, 'x'))});
    }
    node_.Fold();
  }

  ExportWorld world_{std::string("trail_door_") +
                     testing::UnitTest::GetInstance()->current_test_info()->name()};
  eventstore::Signer signer_{eventstore::SigningKey(trail::Seed{1, 2, 3}),
                             std::make_unique<eventstore::TransientSignerMemory>()};
  ExportNode node_{world_, "signs", &signer_};
  uint64_t reported_ = 0;
};

}  // namespace jalon::api
