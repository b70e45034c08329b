// ListAccess; and that the frame tells the access log what it must, before anything leaves.
#include <filesystem>
#include <optional>
#include <set>

#include "jalon/access/v1/access_log_service.pb.h"
#include "jalon/person/v1/person_service.pb.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "services/api/queries/access_note.h"
#include "services/api/queries/frame.h"
#include "services/api/queries/query_testing.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

using access::AccessLog;
using access::v1::AccessEntry;
using access::v1::ListAccessRequest;
using access::v1::ListAccessResponse;

const Bytes kOther(16, 'T');  // another school

class ListAccessTest : public QueryTest {
 protected:
  ListAccessTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/list_access_" + info->name();
    std::filesystem::remove_all(folder_);
    log_ = std::move(*AccessLog::Open({.folder = folder_, .clock = clock_}));
    access_ = log_.get();
    school_.Found();
  }
  ~ListAccessTest() override { std::filesystem::remove_all(folder_); }

  domain::Principal Of(const Bytes& person, const Bytes& school = kTestSchool) {
    return {.person_id = person,
            .role = type::v1::ROLE_TEACHER,
            .school_id = school,
            .company_id = {},
            .modules = {}};
  }
  void Refused(const domain::Principal& who, const std::string& action) {
    NoteRefusal(log_.get(), {.who = &who, .action = action},
                Error{Code::kNotFound, "NOT_FOUND", "", {}});
  }
  void Read(const domain::Principal& who, const std::string& action,
            const std::set<Bytes>& subjects) {
    RecordRead(*log_, {.who = &who, .action = action}, subjects, [](const Result<void>&) {});
  }
  // "M progress.read A": by whom, what, whose; or why there is no answer.
  std::string Listed() {
    if (log_ != nullptr) log_->Stop();
    const auto answer = Ask<ListAccessResponse>(request_);
    if (!answer) return answer.error().reason;
    next_ = answer->page().next_page_token();
    std::string text;
    for (const auto& row : answer->entries()) {
      text += (text.empty() ? "" : ", ") + row.person_id().substr(0, 1) + " " + row.action();
      for (const auto& subject : row.subject_ids()) text += " " + subject.substr(0, 1);
    }
    return text;
  }

  std::string folder_;
  std::unique_ptr<AccessLog> log_;
  ListAccessRequest request_;
  std::string next_;
};

TEST_F(ListAccessTest, AFaultOfTheServerIsNobodysRefusal) {
  log_->Start();
  const domain::Principal maude = Of(kMaude);
  const auto note = [&](Code code, const char* reason) {
    NoteRefusal(log_.get(), {.who = &maude, .action = reason}, Error{code, reason, "", {}});
  };
  note(Code::kDataLoss, "PARTITION_DIVERGED");
  note(Code::kInternal, "INTERNAL");
  note(Code::kUnavailable, "VIEW_BEHIND");
  note(Code::kResourceExhausted, "QUEUE_FULL");
  // By whatever code they go inside, the caller is told of damage and of a fault.
  note(Code::kFailedPrecondition, "SIGNED_OTHERWISE");
  note(Code::kInvalidArgument, "ENTRY_TOO_LONG");  // of what writes an export: no caller's reason
  note(Code::kFailedPrecondition, "STAY_NOT_ENDED");
  note(Code::kPermissionDenied, "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Listed(), "M ROLE_NOT_ALLOWED, M STAY_NOT_ENDED");
}

TEST_F(ListAccessTest, ACoordinatorSeesTheSchoolTheLatestFirst) {
  log_->Start();
  Refused(Of(kMaude), "stay.end");
  Read(Of(kMaude), "progress.read", {kAda, kBen});
  Refused(Of(kLuc, kOther), "stay.start");
  Read(Of(kLuc), "stay.list", {kBen});
  EXPECT_EQ(Listed(), "L stay.list B, M progress.read A B, M stay.end");
  request_.set_person_id(kAda);
  EXPECT_EQ(Listed(), "M progress.read A B");
  request_.clear_person_id();
  request_.set_by_person_id(kLuc);
  EXPECT_EQ(Listed(), "L stay.list B");
  request_.clear_by_person_id();
  request_.add_kinds(access::v1::ACCESS_KIND_REFUSAL);
  EXPECT_EQ(Listed(), "M stay.end");
}

TEST_F(ListAccessTest, AStudentSeesWhoReadTheStudentAndNobodyElse) {
  log_->Start();
  Read(Of(kMaude), "progress.read", {kAda, kBen});
  Read(Of(kLuc), "stay.list", {kBen});
  Refused(Of(kAda), "progress.read");
  ActAs(type::v1::ROLE_STUDENT, kAda);
  EXPECT_EQ(Listed(), "M progress.read A") << "that Ben was read beside is Ben's";
  request_.set_person_id(kBen);
  EXPECT_EQ(Listed(), "NOT_FOUND");
}

TEST_F(ListAccessTest, PageByPage) {
  log_->Start();
  for (const char* action : {"one", "two", "three"}) Refused(Of(kMaude), action);
  request_.mutable_page()->set_page_size(2);
  EXPECT_EQ(Listed(), "M three, M two");
  request_.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Listed(), "M one");
  EXPECT_EQ(next_, "");
}

TEST_F(ListAccessTest, APageOfAnotherNodesLogIsNone) {
  log_->Start();
  for (const char* action : {"one", "two", "three"}) Refused(Of(kMaude), action);
  request_.mutable_page()->set_page_size(2);
  Listed();
  request_.mutable_page()->set_page_token(next_);
  log_.reset();
  log_ = std::move(*AccessLog::Open({.folder = folder_, .clock = clock_}));  // another life
  access_ = log_.get();
  EXPECT_EQ(Listed(), "PAGE_TOKEN_INVALID");
}

TEST_F(ListAccessTest, ManyWhoAreReadAtOnceTakeSeveralEntries) {
  log_->Start();
  std::set<Bytes> many;
  for (char high = 'a'; high <= 'z'; ++high) {
    for (char low = 'a'; low <= 'z'; ++low) many.insert(Bytes(7, high) + low);
  }
  std::optional<Result<void>> done;
  const domain::Principal maude = Of(kMaude);
  RecordRead(*log_, {.who = &maude, .action = "stay.list"}, many,
             [&](Result<void> result) { done = std::move(result); });
  log_->Stop();
  ASSERT_TRUE(done && *done);
  size_t told = 0;
  size_t entries = 0;
  ASSERT_TRUE(log_->EachBefore(UINT64_MAX, [&](const AccessEntry& entry) {
    told += static_cast<size_t>(entry.subject_ids_size());
    entries += entry.subject_ids_size() > 0 ? 1 : 0;
    return true;
  }));
  EXPECT_EQ(told, many.size());
  EXPECT_EQ(entries, 3u);
}

// Of what was asked only an id is told, and only where the option says that one stands.
TEST_F(ListAccessTest, WhatWasAskedAboutIsAnIdOrNothing) {
  privacy::v1::SetLegalHold hold;
  const std::vector<std::string> person = {"person_id"};
  EXPECT_EQ(ResourceIn(hold, person), "");
  hold.set_person_id(kAda);
  hold.set_document_ref("about Ada");
  EXPECT_EQ(ResourceIn(hold, person), kAda);
  EXPECT_EQ(ResourceIn(hold, std::vector<std::string>{"document_ref"}), "") << "no id";
  EXPECT_EQ(ResourceIn(hold, std::vector<std::string>{"rows.stay_id"}), "") << "not there";
  hold.set_person_id("Ada Lovelace");
  EXPECT_EQ(ResourceIn(hold, person), "") << "no id's length";
}

// What opened something waits for its entry; without one it does not go out.
class FrameAccessTest : public ListAccessTest {
 protected:
  FrameAccessTest() {
    school_.Enrol(kAda, vault_.Sealed(kTestSchool, kAda, "clear"));
    placement_.Placed(kTestSchool, Partition{0});
  }

  class SchoolViews final : public Views {
   public:
    explicit SchoolViews(TestSchool& school) : school_(school) {}
    Result<std::unique_ptr<Reader>> Read(Partition, const Bytes&) override {
      return std::make_unique<TestReader>(school_.Read());
    }
    void Await(Partition, std::string_view, Seq, Micros, Done done) override { done({}); }

   private:
    TestSchool& school_;
  };

  // What opens the section of Ada, if `opens`.
  std::optional<Result<void>> Asked(bool opens) {
    result_.reset();
    method_.answer = [this, opens](const google::protobuf::Message&, const QueryContext& context,
                                   google::protobuf::Message*) -> Result<void> {
      Sections sections;
      if (opens) {
        sections.AddAny(vault_.Sealed(kTestSchool, kAda, ""), request_, [](const auto&) {});
      }
      return context.opener.OpenAll(kTestSchool, sections);
    };
    caller_of_frame_.principal = caller_;
    frame_.Ask(method_, request_, caller_of_frame_, Micros(99), &response_,
               [&](Result<void> result) { result_ = std::move(result); });
    return result_;
  }

  SchoolViews views_{school_};
  Placement placement_{1, Partition{1}};
  eventstore::Ancestry ancestry_;
  QueryFrame frame_{{.views = views_,
                     .placement = placement_,
                     .ancestry = ancestry_,
                     .clock = clock_,
                     .opener = opener_,
                     .pages = tokens_,
                     .trails = trails_,
                     .access = log_.get(),
                     .transfers = &transfers_,
                     .run = [](const std::function<void()>& work) {
                       work();
                       return true;
                     }}};
  QueryMethod method_ = *queries_.FindByRequest(ListAccessRequest::descriptor());
  Caller caller_of_frame_;
  ListAccessResponse response_;
  std::optional<Result<void>> result_;
};

TEST_F(FrameAccessTest, WhatOpenedSomethingWaitsForItsEntry) {
  EXPECT_FALSE(Asked(true)) << "the log was not started";
  log_->Start();
  log_->Stop();
  ASSERT_TRUE(result_ && *result_) << (result_ ? result_->error().message : "waits");
  EXPECT_EQ(Listed(), "M access_log.read A");
}

TEST_F(FrameAccessTest, WhatOpenedNothingHasNoEntry) {
  const auto asked = Asked(false);
  ASSERT_TRUE(asked && *asked);
  log_->Start();
  EXPECT_EQ(Listed(), "");
}

// It opens no section, but what is known of the student leaves for another school.
TEST_F(FrameAccessTest, ATransferThatIsIssuedWaitsForItsEntry) {
  school_.Evaluate(kAda, kPractice, 1, type::v1::EVALUATION_RESULT_SUCCESS, 20261105);
  method_ = *queries_.FindByRequest(person::v1::ExportTransferRequest::descriptor());
  person::v1::ExportTransferRequest request;
  request.set_student_id(kAda);
  request.set_receiving_school("CFP-SUD");
  request.set_receiving_key(transfers_.KeyOf(domain::SchoolIdOf("CFP-SUD"))->public_key);
  person::v1::ExportTransferResponse response;
  caller_of_frame_.principal = caller_;
  frame_.Ask(method_, request, caller_of_frame_, Micros(99), &response,
             [&](Result<void> result) { result_ = std::move(result); });
  EXPECT_FALSE(result_) << "the log was not started";
  log_->Start();
  log_->Stop();
  ASSERT_TRUE(result_ && *result_) << (result_ ? result_->error().message : "waits");
  EXPECT_FALSE(response.file().empty());
  EXPECT_EQ(Listed(), "M person.transfer A");
}

TEST_F(FrameAccessTest, WithoutAnEntryItDoesNotGoOut) {
  log_->Start();
  log_->Stop();
  const auto asked = Asked(true);
  ASSERT_TRUE(asked && !*asked);
  EXPECT_EQ(asked->error().reason, "ACCESS_LOG_UNAVAILABLE");
  EXPECT_EQ(asked->error().code, Code::kUnavailable);
}

TEST_F(FrameAccessTest, WhatIsRefusedIsNoted) {
  log_->Start();
  ActAs(type::v1::ROLE_TEACHER);
  const auto asked = Asked(false);
  ASSERT_TRUE(asked && !*asked);
  log_->Stop();
  ActAs(type::v1::ROLE_WORK_STUDY_COORDINATOR);
  const auto answer = Ask<ListAccessResponse>(ListAccessRequest());
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->entries_size(), 1);
  EXPECT_EQ(answer->entries(0).reason(), refusal::v1::REFUSAL_REASON_ROLE_NOT_ALLOWED);
  EXPECT_EQ(answer->entries(0).role(), type::v1::ROLE_TEACHER);
}

}  // namespace
}  // namespace jalon::api
