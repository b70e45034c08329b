// At any position at or after the erasure of a person, whatever is asked is answered with the key
// as it is without: random histories, with erasures in the middle of them.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "services/domain/school_code.h"
#include "tests/properties/history.h"
#include "tests/scenarios/runner/asking.h"
#include "tests/scenarios/runner/viewed_world.h"

namespace jalon::properties {
namespace {

using scenarios::ViewedWorld;

constexpr uint64_t kSeeds = 30;
constexpr size_t kMovesBefore = 60;  // at least, and up to as many more
constexpr int kMovesAfter = 50;
constexpr Micros kStart = std::chrono::seconds(1788267600);  // 2026-09-01, 9:00 in Toronto
constexpr std::chrono::days kBeyondRetention{366 * 8};

using Answers = std::map<std::string, std::string>;  // by who asks what

// One history, in which a student is erased, and a teacher who was there for a day.
class Life {
 public:
  explicit Life(uint64_t seed)
      : world_(kStart), cast_(Sealing(world_)), history_(cast_, seed), seed_(seed) {
    nora_ = Hire("Nora", type::v1::ROLE_WORK_STUDY_COORDINATOR, 0);
    rose_ = Hire("Rose", type::v1::ROLE_TEACHER, cast_.Today());
    student_ = history_.Draw(cast_.students.size());
  }

  void Live() {
    const size_t before = kMovesBefore + history_.Draw(kMovesBefore);
    for (size_t i = 0; i < before; ++i) Move();
    ASSERT_NO_FATAL_FAILURE(End());
    NoteWhatIsTold();
    for (const Bytes& person : {rose_.person_id, Student().person_id}) {
      ASSERT_NO_FATAL_FAILURE(Erase(person));
    }
    for (int i = 0; i < kMovesAfter; ++i) {
      if (!Move()) continue;
      ASSERT_NO_FATAL_FAILURE(KeysMustMakeNoDifference(fmt::format("move {}", i)));
    }
  }

  // Whose answer depended on a key before the erasure, over all histories.
  static std::set<std::string>& Told() {
    static std::set<std::string> told;
    return told;
  }
  // Which queries were answered after it.
  static std::set<std::string>& Answered() {
    static std::set<std::string> answered;
    return answered;
  }
  // At how many positions, the erasures' own among them.
  static size_t& Later() {
    static size_t later = 0;
    return later;
  }

 private:
  static ViewedWorld& Sealing(ViewedWorld& world) {
    world.SealWithKeys();
    // What the key store says of itself is no answer of a fold.
    world.vault().erasure = eventstore::KeyErasure{};
    return world;
  }
  const domain::Principal& Student() const { return cast_.students[student_]; }

  domain::Principal Hire(const std::string& name, type::v1::Role role, uint32_t until) {
    school::v1::GrantAccess grant;
    grant.mutable_identity()->mutable_clear()->set_given_name(name);
    grant.mutable_identity()->mutable_clear()->set_family_name("Essai");
    grant.mutable_scope()->set_whole_school(true);
    grant.set_role(role);
    grant.set_expires_on(until);
    const auto answer = cast_.Send(cast_.jean, grant);
    EXPECT_TRUE(answer.accepted) << name;
    domain::Principal hired = cast_.jean;
    hired.role = role;
    hired.person_id = answer.result.created(0).person_id();
    return hired;
  }

  // True: something was recorded.
  bool Move() {
    const properties::Move move = history_.Next();
    const auto answer = cast_.Send(move.who, *move.command, move.header);
    history_.Note(move, answer);
    return answer.accepted && answer.result.has_position();
  }
  // Nothing of the student is open, and the time has come.
  void End() {
    for (const HistoryStay& stay : history_.stays()) {
      if (stay.student != student_ || stay.phase != HistoryStay::Phase::kRunning) continue;
      stay::v1::EndStay end;
      end.set_stay_id(stay.id);
      end.set_ended_on(cast_.Today());
      end.set_kind(type::v1::STAY_END_KIND_AS_PLANNED);
      end.set_presume_not_performed(true);
      ASSERT_TRUE(cast_.Send(cast_.maude, end).accepted) << Where();
    }
    ASSERT_TRUE(world_.Advance(kBeyondRetention));
  }
  void Erase(const Bytes& person) {
    privacy::v1::RequestErasure request;
    request.set_person_id(person);
    ASSERT_TRUE(cast_.Send(cast_.jean, request).accepted) << Where();
    privacy::v1::DestroyPersonKey destroy;
    destroy.set_person_id(person);
    ASSERT_TRUE(cast_.Send(nora_, destroy).accepted) << Where();
    erased_.push_back(person);
    KeysMustMakeNoDifference("the erasure itself");
  }

  void Hide(const std::vector<Bytes>& persons, bool hidden) {
    for (const Bytes& person : persons) world_.vault().Hide(cast_.jean.school_id, person, hidden);
  }
  // Everything that anybody may ask, of whoever is given.
  Answers Ask(const std::vector<Bytes>& persons) {
    Answers answers;
    scenarios::About about;
    about.companies = {cast_.company_id};
    for (const HistoryStay& stay : history_.stays()) {
      if (stay.student == student_) about.stays.push_back(stay.id);
    }
    for (const domain::Principal& who : {cast_.jean, cast_.maude, cast_.luc, Student()}) {
      for (const Bytes& person : persons) {
        about.person_id = person;
        for (const scenarios::Question& question : scenarios::QuestionsAbout(about)) {
          const std::string name =
              fmt::format("{} {} {}", question.method, static_cast<int>(who.role),
                          question.request->ShortDebugString());
          const auto answer = world_.Query(who, *question.request, question.response.get());
          if (!answer) continue;  // it spans schools
          if (answer->accepted && !erased_.empty()) Answered().insert(question.method);
          answers[name] = answer->accepted ? question.response->SerializeAsString()
                                           : answer->refusal.SerializeAsString();
        }
      }
    }
    return answers;
  }
  // Before an erasure a key does make a difference.
  void NoteWhatIsTold() {
    const std::vector<Bytes> all = {rose_.person_id, Student().person_id};
    const Answers with = Ask(all);
    Hide(all, true);
    const Answers without = Ask(all);
    Hide(all, false);
    for (const auto& [name, answer] : with) {
      if (answer != without.at(name)) Told().insert(name.substr(0, name.find(' ')));
    }
  }
  void KeysMustMakeNoDifference(const std::string& when) {
    Hide(erased_, false);
    const Answers with = Ask(erased_);
    Hide(erased_, true);
    const Answers without = Ask(erased_);
    ASSERT_GT(with.size(), 0U);
    for (const auto& [name, answer] : with) {
      ASSERT_EQ(answer, without.at(name)) << Where() << ", after " << when << ": " << name;
    }
    ++Later();
  }
  std::string Where() const { return fmt::format("seed {}", seed_); }

  ViewedWorld world_;
  Cast cast_;
  History history_;
  const uint64_t seed_;
  domain::Principal nora_;
  domain::Principal rose_;
  size_t student_ = 0;
  std::vector<Bytes> erased_;
};

TEST(RandomHistories, AfterAnErasureTheKeyMakesNoDifference) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Life life(seed);
    ASSERT_NO_FATAL_FAILURE(life.Live()) << "seed " << seed;
  }
  const std::set<std::string> opening = {"ExportSubject", "GetAttitudeTimeline",
                                         "GetStudentProgress"};
  EXPECT_EQ(Life::Told(), opening) << "what opens sections: before, the key made a difference";
  const std::set<std::string> about = {"ExportSubject",
                                       "GetAttitudeTimeline",
                                       "GetErasure",
                                       "GetHoursLedger",
                                       "GetStartReadiness",
                                       "GetStudentProgress",
                                       "GetSummativeEligibility",
                                       "ListGrants",
                                       "ListMakeUps",
                                       "ListStays"};
  EXPECT_TRUE(std::ranges::includes(Life::Answered(), about))
      << fmt::format("{}", fmt::join(Life::Answered(), " "));
  EXPECT_GT(Life::Later(), kSeeds * 8) << "histories go on after an erasure";
}

}  // namespace
}  // namespace jalon::properties
