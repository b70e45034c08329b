#include "services/api/queries/frame.h"

#include <gtest/gtest.h>

#include <optional>

#include "eventstore/base/hash.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/log/partition.h"
#include "eventstore/log/record.h"
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "projections/views/grants.h"
#include "services/api/queries/reader_testing.h"
#include "services/api/queries/vault_testing.h"

namespace jalon::api {
namespace {

using catalogue::v1::ExplainReasonRequest;
using catalogue::v1::ExplainReasonResponse;
using catalogue::v1::GetProgrammeRequest;
using catalogue::v1::GetProgrammeResponse;

const Bytes kSchool(16, 'S');
constexpr uint32_t kPartitions = 4;

// Says what it was asked with.
Result<void> Echo(const GetProgrammeRequest& request, const QueryContext& context,
                  GetProgrammeResponse* response) {
  if (request.code() == "none") return NotFound();
  // Another query signed what the views held at 6 meanwhile.
  if (request.code() == "signed" && context.rows().as_of().position().seq() < 6) {
    response->mutable_programme()->mutable_ref()->set_code("of the first try");
    return Fail(Code::kUnavailable, "SIGNED_FURTHER", "ask again");
  }
  response->mutable_programme()->set_title(ToHex(context.school_id));
  response->mutable_programme()->set_declared_hours(context.today);
  return {};
}

Result<void> Explain(const ExplainReasonRequest&, const QueryContext& context,
                     ExplainReasonResponse* response) {
  if (context.reader == nullptr) response->add_reasons();
  return {};
}

class TestViews final : public Views {
 public:
  Result<std::unique_ptr<Reader>> Read(Partition partition, const Bytes&) override {
    EXPECT_EQ(partition, eventstore::PartitionOf(ToHex(kSchool), kPartitions));
    if (error) return std::unexpected(*error);
    ++reads;
    return std::make_unique<TestReader>(
        rows, TestAsOf(moves ? seq++ : seq, std::string(16, 'L'), partition.value));
  }
  void Await(Partition, std::string_view, Seq wanted, Micros deadline, Done done) override {
    waits_for = wanted.value;
    until = deadline;
    reached = std::move(done);
  }

  uint64_t seq = 5;
  bool moves = false;  // with each read
  int reads = 0;
  TestRows rows;
  std::optional<Error> error;
  uint64_t waits_for = 0;
  Micros until{};
  Done reached;
};

class FrameTest : public testing::Test {
 protected:
  FrameTest() {
    queries_.Add<GetProgrammeRequest, GetProgrammeResponse>(Echo);
    queries_.Add<ExplainReasonRequest, ExplainReasonResponse>(Explain);
    caller_.principal.role = type::v1::ROLE_WORK_STUDY_COORDINATOR;
    caller_.principal.school_id = kSchool;
    placement_.Placed(kSchool, placement_.ByHash(kSchool));
  }

  const QueryMethod& Method() {
    return *queries_.Find("jalon.catalogue.v1.CatalogueQueryService.GetProgramme");
  }
  // What became of it; none: it waits.
  std::optional<Result<void>> Ask(Micros deadline = Micros(99)) {
    result_.reset();
    response_.Clear();
    frame_.Ask(Method(), request_, caller_, deadline, &response_,
               [&](Result<void> result) { result_ = std::move(result); });
    return result_;
  }
  std::string Reason() {
    Ask();
    if (!result_) return "waits";
    return *result_ ? "" : result_->error().reason;
  }
  void WantPosition(uint64_t seq) {
    *request_.mutable_header()->mutable_min_position() =
        TestAsOf(seq, std::string(16, 'L'),
                 eventstore::PartitionOf(ToHex(kSchool), kPartitions).value)
            .position();
  }

  void WriteAt(uint64_t seq) { own_writes_.Note(kSchool, {placement_.ByHash(kSchool), Seq{seq}}); }

  Queries queries_;
  TestViews views_;
  TestVault vault_;
  ManualClock clock_{std::chrono::hours(24 * 365)};  // 1970-12-31 19:00 in Toronto
  Opener opener_{vault_};
  PageTokens tokens_{vault_, clock_};
  std::vector<std::function<void()>> posted_;
  bool busy_ = false;
  std::vector<std::string> faults_;
  Placement placement_{kPartitions, Partition{kPartitions}};
  eventstore::Ancestry ancestry_;
  TrailNames trails_;
  OwnWrites own_writes_{Bytes(16, 'L')};
  QueryFrame frame_{{.views = views_,
                     .placement = placement_,
                     .ancestry = ancestry_,
                     .clock = clock_,
                     .opener = opener_,
                     .pages = tokens_,
                     .trails = trails_,
                     .own_writes = &own_writes_,
                     .run =
                         [this](std::function<void()> work) {
                           if (busy_) return false;
                           posted_.push_back(std::move(work));
                           return true;
                         },
                     .on_fault = [this](const Error& error) { faults_.push_back(error.message); }}};
  Caller caller_;
  GetProgrammeRequest request_;
  GetProgrammeResponse response_;
  std::optional<Result<void>> result_;
};

// A snapshot that is older than what another query had signed is taken anew, once.
TEST_F(FrameTest, WhatWasSignedFurtherMeanwhileIsAskedAgainOnce) {
  request_.set_code("signed");
  views_.moves = true;
  EXPECT_EQ(Reason(), "");
  EXPECT_EQ(views_.reads, 2);
  EXPECT_EQ(response_.programme().ref().code(), "");
  EXPECT_EQ(response_.as_of().position().seq(), 6u);
  WantPosition(2);
  views_.seq = 5;
  EXPECT_EQ(Reason(), "");
  views_.moves = false;
  views_.seq = 5;
  views_.reads = 0;
  EXPECT_EQ(Reason(), "SIGNED_FURTHER");
  EXPECT_EQ(views_.reads, 2);
}

TEST_F(FrameTest, AnswersAndSaysAsOf) {
  EXPECT_EQ(Reason(), "");
  EXPECT_EQ(response_.programme().title(), ToHex(kSchool));
  EXPECT_EQ(response_.programme().declared_hours(), 19701231u);
  EXPECT_EQ(response_.as_of().position().seq(), 5u);
  EXPECT_EQ(response_.as_of().recorded_at(), 5000);
}

TEST_F(FrameTest, OnlyTheRolesOfTheMethodMayAsk) {
  caller_.principal.role = type::v1::ROLE_STUDENT;
  EXPECT_EQ(Reason(), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(result_->error().code, Code::kPermissionDenied);
}

TEST_F(FrameTest, AnotherSchoolIsTheSameAsNothing) {
  request_.set_code("none");
  Ask();
  const Error unknown = result_->error();
  request_.mutable_header()->set_school_id(Bytes(16, 'T'));
  Ask();
  EXPECT_EQ(result_->error(), unknown);
  request_.clear_code();
  request_.mutable_header()->set_school_id(kSchool);
  EXPECT_EQ(Reason(), "");
}

TEST_F(FrameTest, ACredentialOfSeveralSchoolsSaysWhichOne) {
  caller_.principal.school_id.clear();
  EXPECT_EQ(Reason(), "FIELD_REQUIRED");
  request_.mutable_header()->set_school_id(kSchool);
  EXPECT_EQ(Reason(), "");
}

TEST_F(FrameTest, WhatIsOpenToAllReadsNothing) {
  views_.error = Error{Code::kUnavailable, "NOT_SERVING", "", {}};
  EXPECT_EQ(Reason(), "NOT_SERVING");
  const ExplainReasonRequest request;
  ExplainReasonResponse response;
  std::optional<Result<void>> result;
  frame_.Ask(*queries_.FindByRequest(ExplainReasonRequest::descriptor()), request, Caller(),
             Micros(0), &response, [&](Result<void> done) { result = std::move(done); });
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(response.reasons_size(), 1);
  EXPECT_FALSE(response.has_as_of());
}

TEST_F(FrameTest, APositionThatIsReachedIsAnsweredAtOnce) {
  WantPosition(5);
  EXPECT_EQ(Reason(), "");
  EXPECT_FALSE(views_.reached);
}

TEST_F(FrameTest, WaitsForAPositionAndAnswersElsewhere) {
  WantPosition(6);
  EXPECT_EQ(Reason(), "waits");
  EXPECT_EQ(views_.waits_for, 6u);
  EXPECT_EQ(views_.until, Micros(99));
  views_.seq = 7;
  views_.reached({});
  EXPECT_FALSE(result_);  // the thread that folds is not held up
  ASSERT_EQ(posted_.size(), 1u);
  posted_[0]();
  ASSERT_TRUE(result_ && *result_);
  EXPECT_EQ(response_.as_of().position().seq(), 7u);
}

TEST_F(FrameTest, SaysHowFarBehindTheViewsAre) {
  WantPosition(6);
  Ask();
  views_.reached(
      std::unexpected(Error{Code::kUnavailable, "VIEW_BEHIND", "", {{"as_of_seq", "5"}}}));
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(result_->error().metadata,
            (std::map<std::string, std::string>{{"as_of_seq", "5"}, {"min_seq", "6"}}));
}

TEST_F(FrameTest, WhereTooManyAreToBeAnsweredItIsBehind) {
  WantPosition(6);
  Ask();
  busy_ = true;
  views_.reached({});
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(result_->error().code, Code::kUnavailable);
  EXPECT_EQ(result_->error().reason, "VIEW_BEHIND");
  EXPECT_EQ(result_->error().metadata, (std::map<std::string, std::string>{{"min_seq", "6"}}));
  EXPECT_TRUE(faults_.empty());
}

TEST_F(FrameTest, WhatThisNodeWroteIsSeenByWhoAsksAfter) {
  WriteAt(7);
  WriteAt(6);  // told later, of a record before
  ASSERT_FALSE(Ask(Micros::max()));
  EXPECT_EQ(views_.waits_for, 7u);
  views_.seq = 8;
  views_.reached({});
  EXPECT_FALSE(result_);  // the thread that folds is not held up
  ASSERT_EQ(posted_.size(), 1u);
  posted_[0]();
  ASSERT_TRUE(result_ && *result_);
  EXPECT_EQ(response_.as_of().position().seq(), 8u);
  views_.reached = {};
  EXPECT_TRUE(Ask(Micros::max()));
  EXPECT_FALSE(views_.reached);
}

TEST_F(FrameTest, WhatIsNotSeenSoonIsNotWaitedFor) {
  WriteAt(7);
  const Micros now = clock_.Monotonic();
  Ask(Micros::max());
  EXPECT_EQ(views_.until, now + kOwnWritesWait);
  Ask(now + Micros(90));
  EXPECT_EQ(views_.until, now + Micros(45));  // so that its caller is still there
  views_.reached(Fail(Code::kUnavailable, "VIEW_BEHIND", ""));
  posted_.back()();
  ASSERT_TRUE(result_ && *result_);
  EXPECT_EQ(response_.as_of().position().seq(), 5u);
  views_.reached = {};
  EXPECT_TRUE(Ask(now + Micros(1)));  // which has no time
  EXPECT_FALSE(views_.reached);
}

TEST_F(FrameTest, SoManyWaitAndTheNextIsAnsweredAtOnce) {
  WriteAt(7);
  std::vector<Views::Done> waiting;
  for (size_t i = 0; i < kOwnWritesWaitersMax; ++i) {
    ASSERT_FALSE(Ask(Micros::max()));
    waiting.push_back(views_.reached);
  }
  EXPECT_TRUE(Ask(Micros::max()));
  waiting.back()({});
  EXPECT_FALSE(Ask(Micros::max()));
  busy_ = true;
  views_.reached({});
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(result_->error().reason, "QUEUE_FULL");
}

TEST_F(FrameTest, WhatAnotherNodeToldIsSeenByWhoItHandsOver) {
  WriteAt(3);
  caller_.told = Seq{6};
  EXPECT_FALSE(Ask(Micros::max()));
  EXPECT_EQ(views_.waits_for, 6u);
  WriteAt(8);
  EXPECT_FALSE(Ask(Micros::max()));
  EXPECT_EQ(views_.waits_for, 8u);
  EXPECT_EQ(frame_.ToldOf(request_, caller_), Seq{8});
  request_.mutable_header()->set_school_id(Bytes(16, 'T'));
  EXPECT_EQ(frame_.ToldOf(request_, caller_), Seq{0});
}

// Of the same partition, or of another one by the time it is placed.
TEST_F(FrameTest, WhatWasToldOfAnotherSchoolIsNotWaitedFor) {
  const Partition here = placement_.ByHash(kSchool);
  own_writes_.Note(Bytes(16, 'T'), {here, Seq{7}});
  EXPECT_TRUE(Ask(Micros::max()));
  own_writes_.Note(kSchool, {Partition{(here.value + 1) % kPartitions}, Seq{7}});
  EXPECT_TRUE(Ask(Micros::max()));
}

TEST(OwnWrites, ForgetsBeyondItsLimit) {
  OwnWrites writes{Bytes(16, 'L')};
  for (size_t i = 0; i < OwnWrites::kSchoolsMax; ++i) {
    writes.Note(std::to_string(i), {Partition{1}, Seq{i + 1}});
  }
  writes.Note("0", {Partition{1}, Seq{2}});
  EXPECT_EQ(writes.Of("1")->seq, Seq{2});
  writes.Note("another", {Partition{2}, Seq{4}});
  EXPECT_FALSE(writes.Of("1"));
  EXPECT_EQ(writes.OfAll(), (std::map<Partition, Seq>{{Partition{1}, Seq{OwnWrites::kSchoolsMax}},
                                                      {Partition{2}, Seq{4}}}));
}

TEST_F(FrameTest, WhoNamesAPositionWaitsForThatAlone) {
  WriteAt(7);
  WantPosition(5);
  EXPECT_EQ(Reason(), "");
  EXPECT_FALSE(views_.reached);
}

// Wherever it is met, and once.
TEST_F(FrameTest, DamageIsTold) {
  const auto damage = [](std::string where) {
    return Error{Code::kDataLoss, "INTERNAL", std::move(where), {}};
  };
  views_.error = damage("at once");
  Ask();
  EXPECT_EQ(faults_, std::vector<std::string>{"at once"});
  WantPosition(6);
  Ask();
  views_.reached(std::unexpected(damage("while it waits")));
  EXPECT_EQ(faults_, (std::vector<std::string>{"at once", "while it waits"}));
  views_.error.reset();
  Ask();
  views_.error = damage("once it is there");
  views_.reached({});
  posted_.back()();
  EXPECT_EQ(faults_, (std::vector<std::string>{"at once", "while it waits", "once it is there"}));

  views_.error.reset();
  request_.clear_header();
  caller_.principal.role = type::v1::ROLE_TEACHER;
  caller_.principal.person_id = std::string(8, 'p');
  const auto person = projections::PersonId::Of(caller_.principal.person_id);
  const projections::Key grants = projections::GrantsKey(person);
  views_.rows[std::string(projections::kGrants) + "/" + std::string(std::string_view(grants))] =
      "\xff";
  Ask();
  ASSERT_TRUE(result_ && !*result_);
  EXPECT_EQ(result_->error().code, Code::kDataLoss);  // met by the scope
  EXPECT_EQ(faults_.size(), 4u);
}

TEST_F(FrameTest, WhatNoCallerIsToldByNameIsTold) {
  views_.error = Error{Code::kFailedPrecondition, "LOG_MISCONFIGURED", "a fault", {}};
  Ask();
  EXPECT_EQ(faults_, std::vector<std::string>{"a fault"});
  views_.error = Error{Code::kFailedPrecondition, "STAY_NOT_ENDED", "a refusal", {}};
  Ask();
  views_.error = Error{Code::kUnavailable, "KAFKA_AWAY", "of the moment", {}};
  Ask();
  EXPECT_EQ(faults_.size(), 1u);
}

// The log is a copy of log M, up to record 7 of the school's partition.
TEST_F(FrameTest, APositionOfTheLogThatWasCopiedIsTaken) {
  eventstore::Birth copied{.cluster_id = Bytes(16, 'C'),
                           .log_incarnation = Bytes(16, 'M'),
                           .partition_count = kPartitions};
  auto geneses = eventstore::GenesesOf(copied);
  for (auto& genesis : geneses) {
    const Hash end = eventstore::ChainAfterGenesis(*eventstore::EncodeGenesis(genesis));
    genesis = eventstore::Copied(genesis, {Bytes(16, 'L'), 0},
                                 {.seq = Seq{7}, .hash = end, .entries = 1});
  }
  eventstore::MemoryLog copy(geneses);
  copied.log_incarnation = Bytes(16, 'L');
  ancestry_ = eventstore::Ancestry::Read(copy, copied).value();
  views_.seq = 7;
  WantPosition(7);
  request_.mutable_header()->mutable_min_position()->set_log_incarnation(Bytes(16, 'M'));
  EXPECT_EQ(Reason(), "");
  EXPECT_EQ(response_.as_of().position().log_incarnation(), Bytes(16, 'L'));
  views_.seq = 6;  // views are not there yet
  EXPECT_EQ(Reason(), "waits");
  EXPECT_EQ(views_.waits_for, 7u);
  WantPosition(8);  // that log may have gone on by itself
  request_.mutable_header()->mutable_min_position()->set_log_incarnation(Bytes(16, 'M'));
  EXPECT_EQ(Reason(), "POSITION_FROM_ANOTHER_LOG");
}

TEST_F(FrameTest, APositionOfAnotherLogIsRefused) {
  WantPosition(1);
  request_.mutable_header()->mutable_min_position()->set_log_incarnation(std::string(16, 'M'));
  EXPECT_EQ(Reason(), "POSITION_FROM_ANOTHER_LOG");
  WantPosition(1);
  request_.mutable_header()->mutable_min_position()->set_partition(kPartitions);
  EXPECT_EQ(Reason(), "POSITION_FROM_ANOTHER_LOG");
}

// Another node registered the school a moment ago, away from where its hash says.
TEST_F(FrameTest, APositionOfASchoolThatIsNotKnownYetIsWaitedFor) {
  caller_.principal.school_id = Bytes(kSchool.size(), '\x01');
  WantPosition(1);
  const uint32_t by_hash = placement_.ByHash(caller_.principal.school_id).value;
  request_.mutable_header()->mutable_min_position()->set_partition((by_hash + 1) % kPartitions);
  EXPECT_EQ(Reason(), "VIEW_BEHIND");
}

}  // namespace
}  // namespace jalon::api
