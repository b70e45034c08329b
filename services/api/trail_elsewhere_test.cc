// An export at a node that does not sign: what is signed comes from the node that does, over a real
// connection, and the entries from the log as they are read here.
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "eventstore/owners/board_testing.h"
#include "eventstore/owners/hints.h"
#include "jalon/event/v1/system_events.pb.h"
#include "services/api/peer/node_service.h"
#include "services/api/trail_door_testing.h"

namespace jalon::api {
namespace {

using trail::v1::ExportTrailResponse;

// Nothing is commanded here.
class NoSink final : public CommandSink {
 public:
  const Bytes& LogIncarnation() const override { return incarnation_; }
  Result<void> TakesCommands() override { return {}; }
  Result<void> Submit(Partition, eventstore::Submission) override {
    return Fail(Code::kUnavailable, "NOT_SERVING", "no writers");
  }

 private:
  const Bytes incarnation_;
};

// An export as its client has it.
struct Exported {
  client::Reply reply;
  ExportTrailResponse first;
  std::map<std::string, std::string> files;  // by path
  std::string last;                          // path
};

class TrailElsewhereTest : public TrailDoorTest {
 protected:
  TrailElsewhereTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    peer_server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
    node_.publisher.publish = [this](const trail::Checkpoint& log) { Publish(log); };
    node_.Serve();
    edge_.Serve(kExportWriteMax, &remote_);
    answers_.query = [this](const node::v1::AnswerQueryRequest& asked,
                            std::chrono::microseconds patience,
                            const RemoteSigner::Answered& answered) {
      EXPECT_TRUE(node_.door->Answers(asked.method()));
      ++asked_;
      node_.door->Answer(asked, patience, answered);
    };
    Grant(20261231);
    Report(20);
    edge_.Fold();
  }
  ~TrailElsewhereTest() override { peer_server_->Shutdown(); }

  // The other node says that it lives, and signs.
  void Hear() {
    node::v1::Heartbeat heartbeat;
    heartbeat.set_node("signer");
    heartbeat.set_address(address_);
    heartbeat.set_run("a run");
    heartbeat.set_number(1);
    heartbeat.set_signs(true);
    wall_.posts.push_back(heartbeat.SerializeAsString());
    EXPECT_TRUE(hints_.Step({}));
  }
  void Publish(const trail::Checkpoint& log) {
    event::v1::LogsPublished published;
    auto* one = published.add_logs();
    one->set_origin(log.origin);
    one->set_size(log.size);
    one->set_root(Bytes(View(log.root)));
    log::v1::Event event;
    event.set_tenant(projections::PartitionScope());
    event.set_type(event::v1::EventBody::kLogsPublished);
    event.set_aggregate_kind(type::v1::AGGREGATE_KIND_ROOT_LOG);
    event.set_aggregate(projections::PartitionScope());
    event.set_version(1);
    event.set_occurred_on(20260915);
    event.set_payload(published.SerializeAsString());
    world_.history.Append(projections::testing::kSchoolB, {event});  // the system partition
    node_.Fold();
  }
  static Exported ExportAt(const ExportNode& node) {
    Exported exported;
    exported.reply = node.Export([&](const ExportTrailResponse& response) {
      if (response.has_checkpoint()) exported.first = response;
      if (!response.has_file()) return true;
      exported.last = response.file().path();
      exported.files[exported.last] += response.file().bytes();
      return true;
    });
    return exported;
  }

  NoSink sink_;
  std::atomic<bool> is_node_ = true;
  std::atomic<int> asked_ = 0;
  SignerAnswers answers_;
  std::atomic<const SignerAnswers*> signs_ = &answers_;
  std::string address_;
  ManualClock hints_clock_{Micros(1)};
  eventstore::testing::Wall wall_;
  eventstore::testing::MemoryBoard board_{wall_};
  eventstore::Hints hints_{
      {.node = "edge", .address = "edge:1", .run = "edge run", .partition_count = 2},
      board_,
      hints_clock_};
  Peers peers_{grpc::InsecureChannelCredentials()};
  const RemoteSigner remote_{{hints_, peers_}};
  std::unique_ptr<grpc::Service> service_ =
      MakeNodeService({world_.table, *world_.tokens, sink_, world_.placement, signs_,
                       world_.real_clock, [this](const auto&) { return is_node_.load(); }});
  ExportNode edge_{world_, "edge", nullptr};
  std::unique_ptr<grpc::Server> peer_server_;
};

TEST_F(TrailElsewhereTest, WhatIsSignedComesFromTheSignerAndTheEntriesFromHere) {
  Hear();
  Exported here = ExportAt(edge_);
  ASSERT_TRUE(here.reply.ok) << here.reply.error.message;
  EXPECT_EQ(here.first.checkpoint().size(), 20u);
  EXPECT_EQ(here.last, "checkpoint");
  EXPECT_TRUE(here.files.contains("root.tlog-proof"));
  // As the signer exports it, but for the root log, which has grown by this export's publication.
  Exported there = ExportAt(node_);
  ASSERT_TRUE(there.reply.ok) << there.reply.error.message;
  here.files.erase("root.tlog-proof");
  there.files.erase("root.tlog-proof");
  EXPECT_EQ(here.files, there.files);
  EXPECT_EQ(here.first.SerializeAsString(), there.first.SerializeAsString());
  EXPECT_EQ(edge_.Entries(), "4 trail.export 0\n");
  EXPECT_EQ(node_.Entries(), "4 trail.export 0\n") << "its own alone";
}

TEST_F(TrailElsewhereTest, WhatWasToldHereIsInWhatTheSignerSigns) {
  Hear();
  world_.history.Append(
      kSchoolA, {projections::testing::MakeReport(kSchoolA, kGarage, reported_++, "the last")});
  edge_.Fold();
  const auto reader = edge_.views.Read(Partition{0}, kSchoolA);
  edge_.own_writes.Note(kSchoolA, {Partition{0}, Seq{(*reader)->as_of().position().seq()}});
  std::jthread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    node_.Fold();
  });
  const Exported exported = ExportAt(edge_);
  ASSERT_TRUE(exported.reply.ok) << exported.reply.error.message;
  EXPECT_EQ(exported.first.checkpoint().size(), 21u);
}

TEST_F(TrailElsewhereTest, WhatWasSignedIsSentOnceTheViewsHereReflectIt) {
  Hear();
  Report(5);
  Exported exported;
  std::atomic<bool> done = false;
  std::thread reader([&] {
    exported = ExportAt(edge_);
    done = true;
  });
  while (asked_ == 0 && !done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(done) << "it is not there yet";
  edge_.Fold();
  reader.join();
  EXPECT_TRUE(exported.reply.ok) << exported.reply.error.message;
  EXPECT_EQ(exported.first.checkpoint().size(), 25u);
}

TEST_F(TrailElsewhereTest, ItEndsWithItsGrantAsItIsReadHere) {
  Report(600);  // far more than fits into what is on its way
  edge_.Fold();
  Hear();
  bool first = true;
  const client::Reply reply = edge_.Export([&](const ExportTrailResponse&) {
    if (first) {
      Revoke();
      edge_.Fold();
    }
    first = false;
    return true;
  });
  EXPECT_EQ(reply.error.reason, "GRANT_ENDED") << reply.error.message;
  EXPECT_EQ(edge_.Entries(), "4 trail.export 0\n1 trail.export " +
                                 std::to_string(refusal::v1::REFUSAL_REASON_GRANT_ENDED) + "\n");
}

TEST_F(TrailElsewhereTest, TheSignerAsksWhetherTheCallerMayItself) {
  Hear();
  Revoke();  // which the edge has not read yet
  const Exported exported = ExportAt(edge_);
  EXPECT_EQ(exported.reply.error.reason, "NOT_FOUND") << exported.reply.error.message;
  EXPECT_FALSE(exported.first.has_checkpoint());
}

TEST_F(TrailElsewhereTest, TheSignerBelievesNoNodeWhoCalls) {
  grpc::Status said;
  node::v1::AnswerQueryRequest asked;
  asked.set_token("forged");
  node_.door->Answer(asked, std::chrono::seconds(1),
                     [&](const grpc::Status& status, const std::string&) { said = status; });
  EXPECT_EQ(said.error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(TrailElsewhereTest, WithoutASignerNothingIsSent) {
  const auto elsewhere = [&](const char* why) {
    const Exported exported = ExportAt(edge_);
    EXPECT_EQ(exported.reply.error.reason, "SIGNER_ELSEWHERE") << why;
    EXPECT_EQ(exported.reply.error.code, Code::kUnavailable) << why;
    EXPECT_FALSE(exported.first.has_checkpoint()) << why;
  };
  elsewhere("nobody is known to sign");
  Hear();
  is_node_ = false;
  elsewhere("it answers nodes alone");
  is_node_ = true;
  signs_ = nullptr;
  elsewhere("it has only just started");
  signs_ = &answers_;
  peer_server_->Shutdown();
  elsewhere("it is gone");
}

TEST_F(TrailElsewhereTest, WhatIsSignedOtherwiseThanItIsHereIsNotExported) {
  Hear();
  const auto say = [&](const std::function<void(trail::v1::SignedCheckpoint*)>& alter) {
    answers_.query = [this, alter](const auto& asked, auto patience, const auto& answered) {
      node_.door->Answer(
          asked, patience,
          [answered, alter](const grpc::Status& status, const std::string& response) {
            node::v1::ExportBegun begun;
            EXPECT_TRUE(begun.ParseFromString(response));
            alter(begun.mutable_responses(0)->mutable_checkpoint());
            answered(status, begun.SerializeAsString());
          });
    };
    const Exported exported = ExportAt(edge_);
    EXPECT_EQ(exported.reply.error.reason, "SIGNED_OTHERWISE") << exported.reply.error.message;
    EXPECT_FALSE(exported.first.has_checkpoint());
  };
  say([](auto* checkpoint) { checkpoint->mutable_root()->front() ^= 1; });
  say([](auto* checkpoint) { checkpoint->set_size(checkpoint->size() + 1); });
  EXPECT_EQ(edge_.faults, 2) << "an operator is told";
  EXPECT_EQ(edge_.Entries(), "") << "nothing left, and nobody was refused";
}

TEST_F(TrailElsewhereTest, DamageAtTheSignerIsNobodysRefusal) {
  Hear();
  // Another one with this key has signed another history.
  const std::string origin = node_.names.OriginOf(kSchoolA, kGarage);
  ASSERT_TRUE(signer_.Sign({.origin = origin, .size = 2, .root = Hash{1}}, nullptr));
  for (const ExportNode* asked : {&edge_, &node_}) {
    const Exported exported = ExportAt(*asked);
    EXPECT_EQ(exported.reply.error.reason, "SIGNED_OTHERWISE") << exported.reply.error.message;
    EXPECT_EQ(exported.reply.error.code, Code::kDataLoss);
  }
  EXPECT_EQ(edge_.Entries(), "");
  EXPECT_EQ(node_.Entries(), "") << "neither for another node's caller, nor for its own";
}

TEST_F(TrailElsewhereTest, DamageOfWhatWasPublishedIsNobodysRefusal) {
  Hear();
  node_.publisher.publish = [this](trail::Checkpoint log) {
    log.root[0] ^= 1;
    Publish(log);
  };
  for (const ExportNode* asked : {&edge_, &node_}) {
    const Exported exported = ExportAt(*asked);
    EXPECT_EQ(exported.reply.error.reason, "PARTITION_DIVERGED") << exported.reply.error.message;
    EXPECT_EQ(exported.reply.error.code, Code::kDataLoss);
  }
  EXPECT_EQ(edge_.Entries(), "");
  EXPECT_EQ(node_.Entries(), "");
}

TEST_F(TrailElsewhereTest, WhatTheSignerRefusesIsAnEntryOfItsLog) {
  Hear();
  Revoke();
  EXPECT_EQ(ExportAt(edge_).reply.error.reason, "NOT_FOUND");
  EXPECT_EQ(edge_.Entries(), "");
  EXPECT_EQ(node_.Entries(), Refused(refusal::v1::REFUSAL_REASON_NOT_FOUND));
}

// What was handed over directly, and how each was answered.
class HandedOverExports {
 public:
  explicit HandedOverExports(ExportNode& node) : node_(node) {}

  // Coordinators need no grant.
  void Ask(const Bytes& person_id, type::v1::Role role = type::v1::ROLE_WORK_STUDY_COORDINATOR) {
    node::v1::AnswerQueryRequest asked;
    asked.set_token(node_.world.TokenOf(role, person_id));
    asked.set_language("fr-CA");
    trail::v1::ExportTrailRequest request;
    request.set_company_id(kGarage);
    asked.set_request(request.SerializeAsString());
    node_.door->Answer(asked, std::chrono::seconds(5),
                       [this](const grpc::Status& status, const std::string&) {
                         MutexLock lock(mutex_);
                         said_.push_back(status);
                       });
  }
  // Those that were answered, once there are so many.
  std::vector<grpc::Status> Said(size_t count) {
    for (int i = 0; i < 5'000; ++i) {
      {
        MutexLock lock(mutex_);
        if (said_.size() >= count) return said_;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "not answered";
    return {};
  }
  void AwaitHeld(size_t count) {
    for (int i = 0; node_.publisher.Held() < count && i < 5'000; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(node_.publisher.Held(), count);
  }

 private:
  ExportNode& node_;
  Mutex mutex_;
  std::vector<grpc::Status> said_ JALON_GUARDED_BY(mutex_);
};

TEST_F(TrailElsewhereTest, OnePersonsExportsElsewhereAreBoundedHereToo) {
  Hear();
  HandedOverExports handed(node_);
  node_.publisher.Hold();
  for (size_t i = 0; i < kExportsHandedOverPerPersonMax; ++i) handed.Ask(kAnne);
  handed.AwaitHeld(kExportsHandedOverPerPersonMax);
  const Exported more = ExportAt(edge_);
  EXPECT_EQ(more.reply.error.reason, "QUEUE_FULL") << more.reply.error.message;
  EXPECT_EQ(more.reply.error.code, Code::kResourceExhausted);
  EXPECT_FALSE(more.first.has_checkpoint());
  handed.Ask("another1");
  handed.AwaitHeld(kExportsHandedOverPerPersonMax + 1);  // others begin
  node_.publisher.LetGo();
  for (const grpc::Status& status : handed.Said(kExportsHandedOverPerPersonMax + 1)) {
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  const Exported after = ExportAt(edge_);
  EXPECT_TRUE(after.reply.ok) << after.reply.error.message;
}

TEST_F(TrailElsewhereTest, SoManyExportsBeginForOtherNodesAtOnce) {
  HandedOverExports handed(node_);
  node_.publisher.Hold();
  const auto person = [](size_t i) { return "person" + std::to_string(10 + i); };
  for (size_t i = 0; i < kExportsHandedOverMax; ++i) handed.Ask(person(i));
  handed.AwaitHeld(kExportsHandedOverMax);
  handed.Ask(kAnne);
  const grpc::Status refused = handed.Said(1).at(0);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // Where its details are missing, the node that asks takes nobody for the signer.
  EXPECT_NE(refused.error_details().find("QUEUE_FULL"), std::string::npos);
  EXPECT_NE(refused.error_details().find("en même temps"), std::string::npos) << "in French";
  node_.publisher.LetGo();
  handed.Said(1 + kExportsHandedOverMax);
  handed.Ask(kAnne);
  EXPECT_TRUE(handed.Said(2 + kExportsHandedOverMax).back().ok());
}

TEST_F(TrailElsewhereTest, WhatIsRefusedGivesItsPlaceBack) {
  Revoke();
  HandedOverExports handed(node_);
  for (size_t i = 1; i <= 3 * kExportsHandedOverPerPersonMax; ++i) {
    handed.Ask(kAnne, type::v1::ROLE_AUDITOR);
    EXPECT_EQ(handed.Said(i).back().error_code(), grpc::StatusCode::NOT_FOUND) << i;
  }
}

TEST_F(TrailElsewhereTest, AnAnswerThatIsNoneIsNotExported) {
  Hear();
  answers_.query = [](const auto&, auto, const RemoteSigner::Answered& answered) {
    answered(grpc::Status::OK, {});
  };
  const Exported exported = ExportAt(edge_);
  EXPECT_EQ(exported.reply.error.reason, "NOT_SERVING") << exported.reply.error.message;
  EXPECT_FALSE(exported.first.has_checkpoint());
}

}  // namespace
}  // namespace jalon::api
