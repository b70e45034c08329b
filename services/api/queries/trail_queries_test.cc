// TrailService's queries: whatever they answer is checked as an outsider would.
#include <algorithm>

#include "eventstore/base/hash.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/trail_testing.h"
#include "jalon/event/v1/company_events.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "projections/views/trails.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;
using trail::v1::GetCheckpointRequest;
using trail::v1::GetCheckpointResponse;
using trail::v1::GetConsistencyProofRequest;
using trail::v1::GetConsistencyProofResponse;
using trail::v1::GetFeedbackTrailRequest;
using trail::v1::GetFeedbackTrailResponse;
using trail::v1::GetInclusionProofRequest;
using trail::v1::GetInclusionProofResponse;
using trail::v1::ListTrailsRequest;
using trail::v1::ListTrailsResponse;

const Bytes kHall(8, 'H');  // another company
const Bytes kAda1 = StayOf(kAda, '1');
const Bytes kAnne(8, 'N');  // an auditor

template <typename Request>
Request Of(const Bytes& company) {
  Request request;
  request.set_company_id(company);
  return request;
}

class TrailQueriesTest : public QueryTest {
 protected:
  TrailQueriesTest() {
    school_.Found();
    school_.Enrol(kAda);
    school_.Schedule(kAda1);
    event::v1::ActivityCompleted completed;
    completed.set_activity("a1");
    school_.Reported(completed, kAda1, 20260910);
    event::v1::FormativeEstimateReported estimate;
    estimate.set_objective("o2");
    estimate.set_not_observed(true);
    school_.Reported(estimate, kAda1, 20260911);
    event::v1::FormativeEstimateReported sealed;
    sealed.set_objective("o1");
    sealed.mutable_words()->set_ciphertext("the word is nobody's business");
    school_.Reported(sealed, kAda1, 20260912);
    event::v1::TutorReportSubmitted report;
    report.add_not_observed("o2");
    report.add_not_observed("o3");
    school_.Reported(report, kAda1, 20260913);
    for (int i = 0; i < 296; ++i) school_.Reported(completed, kAda1, 20260914);
    school_.Reported(completed, kAda1, 20260914, kHall);
  }

  trail::NaiveTree Tree() { return trail::NaiveTree(trail::LeavesOf(school_.Entries())); }
  // What the note says, if the deployment's key signed it under the trail's name.
  std::optional<trail::Checkpoint> Opened(const std::string& note, const std::string& vkey) {
    const auto parsed = trail::ParseNote(note);
    const auto key = trail::ParseVerifierKey(vkey);
    if (!parsed || !key || !trail::OpenNote(*parsed, {&*key, 1})) return std::nullopt;
    EXPECT_EQ(key->key, signer_.VerifierOf("any").key);
    const auto checkpoint = trail::ParseCheckpoint(parsed->text);
    if (!checkpoint || checkpoint->origin != key->name) return std::nullopt;
    return *checkpoint;
  }

  static constexpr uint64_t kSize = 300;
  const std::string origin_ =
      ToHex(Bytes(16, 'D')) + "/" + ToHex(kTestSchool) + "/" + ToHex(kGarage) + "/1";
};

TEST_F(TrailQueriesTest, ListsTheTrailsByCompanyPageByPage) {
  ListTrailsRequest request;
  request.mutable_page()->set_page_size(1);
  auto page = Ask<ListTrailsResponse>(request);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->trails_size(), 1);
  EXPECT_EQ(page->trails(0).company_id(), kGarage);
  EXPECT_EQ(page->trails(0).size(), kSize);
  EXPECT_EQ(page->trails(0).origin(), origin_);
  EXPECT_TRUE(trail::ParseVerifierKey(page->trails(0).verifier_key()));
  request.mutable_page()->set_page_token(page->page().next_page_token());
  page = Ask<ListTrailsResponse>(request);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->trails_size(), 1);
  EXPECT_EQ(page->trails(0).company_id(), kHall);
  EXPECT_EQ(page->page().next_page_token(), "");
}

TEST_F(TrailQueriesTest, SaysOfEachEntryWhatIsClear) {
  auto request = Of<GetFeedbackTrailRequest>(kGarage);
  request.mutable_page()->set_page_size(4);
  const auto answer = Ask<GetFeedbackTrailResponse>(request);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->entries_size(), 4);
  EXPECT_EQ(answer->size(), kSize);
  EXPECT_EQ(answer->origin(), origin_);
  const auto& first = answer->entries(0);
  EXPECT_EQ(first.index(), 0u);
  EXPECT_EQ(first.event().type(), "ActivityCompleted");
  EXPECT_EQ(first.event().occurred_on(), 20260910u);
  EXPECT_EQ(first.event().recorded_at(), static_cast<int64_t>(first.event().seq()) * 1000);
  EXPECT_EQ(first.actor().person_id(), kLuc);
  EXPECT_EQ(first.actor().origin(), type::v1::ORIGIN_DIRECT);
  EXPECT_EQ(first.subject_id(), kAda);
  EXPECT_EQ(first.aggregate_id(), kAda1);
  EXPECT_EQ(first.about(), "a1");
  EXPECT_EQ(first.not_observed_size(), 0);
  const auto& estimate = answer->entries(1);
  EXPECT_EQ(estimate.about(), "o2");
  ASSERT_EQ(estimate.not_observed_size(), 1);
  EXPECT_EQ(estimate.not_observed(0), "o2");
  EXPECT_EQ(answer->entries(2).not_observed_size(), 0);
  EXPECT_EQ(answer->entries(2).DebugString().find("business"), std::string::npos);
  ASSERT_EQ(answer->entries(3).not_observed_size(), 2);
  EXPECT_EQ(answer->entries(3).not_observed(1), "o3");
}

TEST_F(TrailQueriesTest, EachEntryHasItsLeafAcrossPages) {
  auto request = Of<GetFeedbackTrailRequest>(kGarage);
  request.mutable_page()->set_page_size(70);
  uint64_t next = 0;
  for (;;) {
    const auto page = Ask<GetFeedbackTrailResponse>(request);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& entry : page->entries()) {
      ASSERT_EQ(entry.index(), next);
      ASSERT_EQ(entry.leaf_hash(), View(trail::LeafHash(school_.Entries()[next++])));
    }
    if (page->page().next_page_token().empty()) break;
    request.mutable_page()->set_page_token(page->page().next_page_token());
  }
  EXPECT_EQ(next, kSize);
}

TEST_F(TrailQueriesTest, ACheckpointIsSignedAndTheNextOneGoesOnFromIt) {
  const auto request = Of<GetCheckpointRequest>(kGarage);
  const auto before = Ask<GetCheckpointResponse>(request);
  ASSERT_TRUE(before) << before.error().message;
  const auto& checkpoint = before->checkpoint();
  EXPECT_EQ(Opened(checkpoint.note(), checkpoint.verifier_key()),
            (trail::Checkpoint{.origin = origin_, .size = kSize, .root = Tree().Root(kSize)}));
  EXPECT_EQ(checkpoint.size(), kSize);
  EXPECT_EQ(checkpoint.root(), View(Tree().Root(kSize)));

  event::v1::ActivityCompleted completed;
  school_.Reported(completed, kAda1, 20260915);
  const auto after = Ask<GetCheckpointResponse>(request);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->checkpoint().size(), kSize + 1);
  auto consistency = Of<GetConsistencyProofRequest>(kGarage);
  consistency.set_old_size(kSize);
  const auto proof = Ask<GetConsistencyProofResponse>(consistency);
  ASSERT_TRUE(proof) << proof.error().message;
  trail::Proof hashes;
  for (const std::string& hash : proof->hashes()) hashes.push_back(HashFrom(hash));
  EXPECT_TRUE(trail::VerifyConsistency(kSize, HashFrom(checkpoint.root()), kSize + 1,
                                       HashFrom(after->checkpoint().root()), hashes));
  EXPECT_EQ(proof->old_root(), checkpoint.root());
  EXPECT_EQ(proof->root(), after->checkpoint().root());
}

TEST_F(TrailQueriesTest, ATrailThatIsNotWhatWasSignedIsNotSigned) {
  trail::NaiveTree other(trail::LeavesOf({"another", "history"}));
  ASSERT_TRUE(signer_.Sign({.origin = origin_, .size = 2, .root = other.Root(2)}, nullptr));
  EXPECT_EQ(ReasonOf<GetCheckpointResponse>(Of<GetCheckpointRequest>(kGarage)), "SIGNED_OTHERWISE");
  EXPECT_EQ(ReasonOf<ExportTrailResponse>(Of<ExportTrailRequest>(kGarage)), "SIGNED_OTHERWISE");
}

TEST_F(TrailQueriesTest, ACompanyThatNeverReportedHasAnEmptyTrail) {
  school_.Reported(event::v1::ActivityCompleted(), kAda1, 20260915, Bytes(8, 'X'));
  event::v1::HostCompanyRegistered registered;
  school_.Happened(registered, type::v1::AGGREGATE_KIND_HOST_COMPANY, Bytes(8, 'Z'), 20260801);
  const auto empty = Ask<GetCheckpointResponse>(Of<GetCheckpointRequest>(Bytes(8, 'Z')));
  ASSERT_TRUE(empty) << empty.error().message;
  const auto& checkpoint = empty->checkpoint();
  EXPECT_EQ(Opened(checkpoint.note(), checkpoint.verifier_key())->root, trail::EmptyRoot());
  EXPECT_EQ(ReasonOf<GetCheckpointResponse>(Of<GetCheckpointRequest>(Bytes(8, 'Y'))), "NOT_FOUND");
}

TEST_F(TrailQueriesTest, AnInclusionProofIsAFileThatVerifies) {
  auto request = Of<GetInclusionProofRequest>(kGarage);
  for (const uint64_t index : {uint64_t{0}, uint64_t{2}, uint64_t{255}, uint64_t{256}, kSize - 1}) {
    request.set_index(index);
    const auto answer = Ask<GetInclusionProofResponse>(request);
    ASSERT_TRUE(answer) << answer.error().message;
    const auto file = trail::ParseTlogProof(answer->tlog_proof());
    ASSERT_TRUE(file);
    EXPECT_EQ(file->index, index);
    const auto signed_at = Opened(file->checkpoint, answer->verifier_key());
    ASSERT_TRUE(signed_at);
    const Hash leaf = trail::LeafHash(school_.Entries()[index]);
    EXPECT_EQ(answer->leaf_hash(), View(leaf));
    EXPECT_TRUE(trail::VerifyInclusion(index, kSize, leaf, file->hashes, signed_at->root));
    ASSERT_EQ(static_cast<size_t>(answer->hashes_size()), file->hashes.size());
  }
}

TEST_F(TrailQueriesTest, AtAnOlderSizeTheCallersCheckpointGoesWithTheProof) {
  auto request = Of<GetInclusionProofRequest>(kGarage);
  request.set_index(2);
  request.set_size(100);
  const auto answer = Ask<GetInclusionProofResponse>(request);
  ASSERT_TRUE(answer) << answer.error().message;
  trail::Proof hashes;
  for (const std::string& hash : answer->hashes()) hashes.push_back(HashFrom(hash));
  EXPECT_TRUE(
      trail::VerifyInclusion(2, 100, HashFrom(answer->leaf_hash()), hashes, Tree().Root(100)));
  EXPECT_EQ(answer->root(), View(Tree().Root(100)));
  EXPECT_EQ(answer->tlog_proof(), "");
}

TEST_F(TrailQueriesTest, BeyondTheTrailThereIsNothing) {
  auto inclusion = Of<GetInclusionProofRequest>(kGarage);
  inclusion.set_index(kSize);
  EXPECT_EQ(ReasonOf<GetInclusionProofResponse>(inclusion), "FIELD_INVALID");
  inclusion.set_index(10);
  inclusion.set_size(10);
  EXPECT_EQ(ReasonOf<GetInclusionProofResponse>(inclusion), "FIELD_INVALID");
  inclusion.set_size(kSize + 1);
  EXPECT_EQ(ReasonOf<GetInclusionProofResponse>(inclusion), "FIELD_INVALID");
  auto consistency = Of<GetConsistencyProofRequest>(kGarage);
  consistency.set_old_size(kSize + 1);
  EXPECT_EQ(ReasonOf<GetConsistencyProofResponse>(consistency), "FIELD_INVALID");
}

TEST_F(TrailQueriesTest, ANodeWithoutTheKeySaysSoAndAnswersTheRest) {
  trails_.signer = nullptr;
  EXPECT_EQ(ReasonOf<GetCheckpointResponse>(Of<GetCheckpointRequest>(kGarage)), "SIGNER_ELSEWHERE");
  EXPECT_EQ(ReasonOf<GetFeedbackTrailResponse>(Of<GetFeedbackTrailRequest>(kGarage)), "");
  const auto list = Ask<ListTrailsResponse>(ListTrailsRequest());
  ASSERT_TRUE(list);
  EXPECT_EQ(list->trails(0).verifier_key(), "");
}

// What the caller may see of the garage's trail and of the hall's: "+" or the reason.
class TrailScopeTest : public TrailQueriesTest {
 protected:
  std::string Sees(const Bytes& company) {
    const std::string reasons[] = {
        ReasonOf<GetFeedbackTrailResponse>(Of<GetFeedbackTrailRequest>(company)),
        ReasonOf<GetCheckpointResponse>(Of<GetCheckpointRequest>(company)),
        ReasonOf<GetInclusionProofResponse>(Of<GetInclusionProofRequest>(company)),
        ReasonOf<GetConsistencyProofResponse>(Of<GetConsistencyProofRequest>(company)),
        ReasonOf<ExportTrailResponse>(Of<ExportTrailRequest>(company))};
    EXPECT_TRUE(std::ranges::all_of(
        reasons, [&](const std::string& reason) { return reason == reasons[0]; }));
    return reasons[0].empty() ? "+" : reasons[0];
  }
};

TEST_F(TrailScopeTest, ACoordinatorSeesAll) {
  EXPECT_EQ(Sees(kGarage), "+");
  EXPECT_EQ(Sees(kHall), "+");
}

TEST_F(TrailScopeTest, ASignatorySeesTheirOwn) {
  school_.GrantCompany(kLuc, type::v1::ROLE_COMPANY_SIGNATORY);
  ActAs(type::v1::ROLE_COMPANY_SIGNATORY, kLuc, kGarage);
  EXPECT_EQ(Sees(kGarage), "+");
  EXPECT_EQ(Sees(kHall), "NOT_FOUND");
}

TEST_F(TrailScopeTest, AnAuditorSeesAllByAGrantThatHolds) {
  ActAs(type::v1::ROLE_AUDITOR, kAnne);
  EXPECT_EQ(Sees(kGarage), "NOT_FOUND");
  EXPECT_EQ(ReasonOf<ListTrailsResponse>(ListTrailsRequest()), "NOT_FOUND");
  school_.GrantSchool(kAnne, type::v1::ROLE_ANALYST, 20261231);  // another role
  EXPECT_EQ(Sees(kGarage), "NOT_FOUND");
  school_.GrantSchool(kAnne, type::v1::ROLE_AUDITOR, 20261122);  // it ended yesterday
  EXPECT_EQ(Sees(kGarage), "NOT_FOUND");
  school_.GrantSchool(kAnne, type::v1::ROLE_AUDITOR, 20261123);
  EXPECT_EQ(Sees(kGarage), "+");
  EXPECT_EQ(Sees(kHall), "+");
  EXPECT_EQ(ReasonOf<ListTrailsResponse>(ListTrailsRequest()), "");
}

}  // namespace
}  // namespace jalon::api
