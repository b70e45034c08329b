// ListSchools through the frame: what a query that spans schools reads, waits for and leaves out.
#include "services/api/queries/region.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jalon/region/v1/region_service.pb.h"
#include "projections/views/school_catalogue.h"
#include "services/api/queries/frame.h"
#include "services/api/queries/reader_testing.h"
#include "services/api/queries/vault_testing.h"

namespace jalon::api {
namespace {

using projections::kSchoolCatalogue;
using region::v1::ListSchoolsRequest;
using region::v1::ListSchoolsResponse;

constexpr uint32_t kPartitions = 4;

// What one node has of the log.
class PartitionedViews final : public Views {
 public:
  struct Held {
    uint64_t seq = 0;
    TestRows rows = {};
    std::optional<Error> error = {};
  };

  Result<std::unique_ptr<Reader>> Read(Partition partition, const Bytes& school_id) override {
    EXPECT_EQ(school_id, "");
    const Held& held = partitions[partition.value];
    if (held.error) return std::unexpected(*held.error);
    return std::make_unique<TestReader>(held.rows,
                                        TestAsOf(held.seq, std::string(16, 'L'), partition.value));
  }
  void Await(Partition partition, std::string_view, Seq seq, Micros, Done done) override {
    waits_for = {partition.value, seq.value};
    reached = std::move(done);
  }

  // With a programme, whose row comes before the school's own.
  void Register(uint32_t partition, char id, const std::string& code) {
    Held& held = partitions[partition];
    const Bytes school_id(16, id);
    const projections::Fact registered{
        .seq = ++held.seq, .index = 0, .type = 100, .occurred_on = 20260901, .recorded_at = 5};
    const std::string base = std::string(kSchoolCatalogue) + "/" + school_id;
    Encode(projections::SchoolRow{.code = code,
                                  .name = "CFP " + code,
                                  .service_centre = "CSS",
                                  .region = "16",
                                  .registered = registered,
                                  .policy = {}},
           &held.rows[base + "s"]);
    Encode(projections::ProgrammeRow{}, &held.rows[base + "p5830/fr/1"]);
  }
  void Lose(uint32_t partition, Code code = Code::kUnavailable) {
    partitions[partition].error = Error{code, "INTERNAL", "", {}};
  }

  std::map<uint32_t, Held> partitions;
  std::pair<uint32_t, uint64_t> waits_for;
  Done reached;
};

// A node of the deployment.
struct Node {
  Node(TestVault& vault, const Clock& clock, PartitionedViews views)
      : views(std::move(views)), vault(vault), clock(clock) {}

  PartitionedViews views;
  TestVault& vault;
  const Clock& clock;
  Opener opener{vault};
  PageTokens tokens{vault, clock};
  Placement placement{kPartitions, Partition{kPartitions}};
  eventstore::Ancestry ancestry;
  TrailNames trails;
  OwnWrites own_writes{Bytes(16, 'L')};
  QueryFrame frame{{.views = views,
                    .placement = placement,
                    .ancestry = ancestry,
                    .clock = clock,
                    .opener = opener,
                    .pages = tokens,
                    .trails = trails,
                    .own_writes = &own_writes,
                    .run = [](const std::function<void()>& work) {
                      work();
                      return true;
                    }}};
};

class RegionTest : public testing::Test {
 protected:
  RegionTest() { caller_.principal.role = type::v1::ROLE_REGION_COORDINATOR; }

  // The codes, in order; else the reason, or that it waits.
  std::string List(Node& node) {
    response_.Clear();
    error_.reset();
    listed_ = "waits";
    node.frame.Ask(*queries_.FindByRequest(ListSchoolsRequest::descriptor()), request_, caller_,
                   Micros::max(), &response_, [&](Result<void> result) {
                     if (!result) {
                       error_ = result.error();
                       listed_ = error_->reason;
                       return;
                     }
                     listed_.clear();
                     for (const auto& school : response_.schools()) {
                       listed_ += (listed_.empty() ? "" : " ") + school.code();
                     }
                   });
    return listed_;
  }
  // "0@2 1@0": how far which partitions are.
  std::string AsOf() const {
    std::string as_of;
    for (const auto& told : response_.as_of().partitions()) {
      as_of += fmt::format("{}{}@{}", as_of.empty() ? "" : " ", told.partition(), told.seq());
    }
    return as_of;
  }
  void GoOn() {
    ASSERT_NE(response_.page().next_page_token(), "");
    request_.mutable_page()->set_page_token(response_.page().next_page_token());
  }
  static PartitionedViews FourSchools() {
    PartitionedViews views;
    views.Register(0, 'b', "NORD");
    views.Register(0, 'a', "SUD");
    views.Register(2, 'd', "EST");
    views.Register(3, 'c', "OUEST");
    return views;
  }

  const Queries queries_ = AllQueries();
  TestVault vault_;
  ManualClock clock_{std::chrono::days(20'000)};
  Node here_{vault_, clock_, FourSchools()};
  Node there_{vault_, clock_, FourSchools()};
  Caller caller_;
  ListSchoolsRequest request_;
  ListSchoolsResponse response_;
  std::optional<Error> error_;
  std::string listed_;
};

TEST_F(RegionTest, EverySchoolOfEveryPartitionIsListed) {
  EXPECT_EQ(List(here_), "SUD NORD EST OUEST");
  EXPECT_EQ(AsOf(), "0@2 1@0 2@1 3@1");
  EXPECT_EQ(response_.as_of().log_incarnation(), Bytes(16, 'L'));
  EXPECT_EQ(response_.page().next_page_token(), "");
  const auto& est = response_.schools(2);
  EXPECT_EQ(est.school_id(), Bytes(16, 'd'));
  EXPECT_EQ(est.name(), "CFP EST");
  EXPECT_EQ(est.service_centre(), "CSS");
  EXPECT_EQ(est.region(), "16");
  EXPECT_EQ(est.partition(), 2u);
  EXPECT_EQ(est.registered().seq(), 1u);
  EXPECT_EQ(est.registered().occurred_on(), 20260901u);
}

TEST_F(RegionTest, APartitionThatCannotBeReadIsNamed) {
  here_.views.Lose(1);
  here_.views.Lose(3, Code::kNotFound);  // not kept here
  ASSERT_EQ(List(here_), "NOT_SERVING");
  EXPECT_EQ(error_->code, Code::kUnavailable);
  EXPECT_EQ(error_->metadata.at("missing_partitions"), "1,3");
  EXPECT_EQ(response_.schools_size(), 0);
}

TEST_F(RegionTest, APartialAnswerSaysWhatIsMissing) {
  here_.views.Lose(0);
  here_.views.Lose(3);
  request_.set_allow_partial(true);
  EXPECT_EQ(List(here_), "EST");
  EXPECT_EQ(AsOf(), "1@0 2@1");
  EXPECT_EQ(std::vector<uint32_t>(response_.missing_partitions().begin(),
                                  response_.missing_partitions().end()),
            (std::vector<uint32_t>{0, 3}));
}

// Or damage would pass for a start that is under way.
TEST_F(RegionTest, DamageIsNoMissingPartition) {
  here_.views.Lose(1, Code::kDataLoss);
  request_.set_allow_partial(true);
  EXPECT_EQ(List(here_), "INTERNAL");
}

TEST_F(RegionTest, PagesJoinOverPartitionsAndNodes) {
  request_.mutable_page()->set_page_size(1);
  std::vector<std::string> pages;
  std::vector<std::string> as_of;
  for (int page = 0; page < 4; ++page) {
    pages.push_back(List(page % 2 == 0 ? here_ : there_));
    as_of.push_back(AsOf());
    if (page < 3) GoOn();
  }
  EXPECT_EQ(pages, (std::vector<std::string>{"SUD", "NORD", "EST", "OUEST"}));
  EXPECT_EQ(response_.page().next_page_token(), "");
  EXPECT_EQ(as_of, (std::vector<std::string>{"0@2", "0@2 1@0", "0@2 1@0 2@1", "2@1 3@1"}));
}

TEST_F(RegionTest, AListNeverGoesBackInAPartitionThatItToldOf) {
  request_.mutable_page()->set_page_size(1);
  ASSERT_EQ(List(here_), "SUD");
  GoOn();
  there_.views.partitions[2].seq = 0;  // nothing was told of it yet
  EXPECT_EQ(List(there_), "NORD");
  there_.views.partitions[0].seq = 1;
  ASSERT_EQ(List(there_), "VIEW_BEHIND");
  EXPECT_EQ(error_->metadata.at("as_of_seq"), "1");
  EXPECT_EQ(error_->metadata.at("min_seq"), "2");
}

TEST_F(RegionTest, APageGoesOnWithoutThePartitionThatItEndedIn) {
  request_.mutable_page()->set_page_size(1);
  request_.set_allow_partial(true);
  ASSERT_EQ(List(here_), "SUD");
  GoOn();
  there_.views.Lose(0);
  EXPECT_EQ(List(there_), "EST");
  EXPECT_EQ(response_.missing_partitions_size(), 1);
}

TEST_F(RegionTest, ATokenIsOfItsListAndLog) {
  request_.mutable_page()->set_page_size(1);
  ASSERT_EQ(List(here_), "SUD");
  GoOn();
  request_.set_allow_partial(true);
  EXPECT_EQ(List(here_), "PAGE_TOKEN_INVALID");
  request_.set_allow_partial(false);
  caller_.principal.person_id = Bytes(8, 'x');
  EXPECT_EQ(List(here_), "PAGE_TOKEN_INVALID");
}

TEST_F(RegionTest, OnlyWhoIsBoundToNoSchoolMayAsk) {
  request_.mutable_header()->set_school_id(Bytes(16, 'a'));
  EXPECT_EQ(List(here_), "FIELD_INVALID");
  request_.clear_header();
  caller_.principal.school_id = Bytes(16, 'a');
  ASSERT_EQ(List(here_), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(error_->code, Code::kPermissionDenied);
  caller_.principal.role = type::v1::ROLE_WORK_STUDY_COORDINATOR;
  EXPECT_EQ(List(here_), "ROLE_NOT_ALLOWED");
}

TEST_F(RegionTest, APositionIsWaitedForInItsPartition) {
  type::v1::Position& wanted = *request_.mutable_header()->mutable_min_position();
  wanted = TestAsOf(1, std::string(16, 'L'), 2).position();
  EXPECT_EQ(List(here_), "SUD NORD EST OUEST");
  wanted.set_seq(2);
  EXPECT_EQ(List(here_), "waits");
  EXPECT_EQ(here_.views.waits_for, (std::pair<uint32_t, uint64_t>{2, 2}));
  here_.views.Register(2, 'e', "CENTRE");
  here_.views.reached({});
  ASSERT_EQ(response_.schools_size(), 5);
  EXPECT_EQ(AsOf(), "0@2 1@0 2@2 3@1");
  wanted.set_partition(kPartitions);
  EXPECT_EQ(List(here_), "POSITION_FROM_ANOTHER_LOG");
}

TEST_F(RegionTest, WhatThisNodeWroteIsWaitedForInEachPartition) {
  for (uint32_t each = 0; each < kPartitions; ++each) {
    here_.own_writes.Note(Bytes(16, static_cast<char>('a' + each)), {Partition{each}, Seq{1}});
  }
  here_.own_writes.Note(Bytes(16, 'e'), {Partition{2}, Seq{2}});
  here_.own_writes.Note(Bytes(16, 'f'), {Partition{0}, Seq{3}});
  here_.views.Lose(1);
  request_.set_allow_partial(true);
  EXPECT_EQ(List(here_), "waits");
  EXPECT_EQ(here_.views.waits_for, (std::pair<uint32_t, uint64_t>{2, 2}));
  here_.views.Register(2, 'e', "CENTRE");
  std::exchange(here_.views.reached, {})({});
  EXPECT_EQ(listed_, "waits");
  EXPECT_EQ(here_.views.waits_for, (std::pair<uint32_t, uint64_t>{0, 3}));
  here_.views.Register(0, 'f', "AUTRE");
  std::exchange(here_.views.reached, {})({});
  EXPECT_EQ(listed_, "SUD NORD AUTRE EST CENTRE OUEST");
}

}  // namespace
}  // namespace jalon::api
