// Random histories: commands that a school might send, some right, some wrong, in any order.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "jalon/company/v1/resource.pb.h"
#include "tests/properties/cast.h"

namespace jalon::properties {

// One command of a history.
struct Move {
  domain::Principal who;
  std::shared_ptr<google::protobuf::Message> command;
  type::v1::CommandHeader header;
  // It is no part of what a student may be evaluated on: estimates, reports, attitudes, hours, what
  // is arranged before a start, a company's resources and seats, a later version of a sequence.
  bool silent = false;
};

// A stay as the history scheduled it.
struct HistoryStay {
  Bytes id;
  size_t student = 0;   // in the cast
  size_t sequence = 0;  // in the cast
  std::vector<std::string> activities;
  enum class Phase { kPlanned, kRunning, kOver } phase = Phase::kPlanned;
};

class History {
 public:
  History(Cast& cast, uint64_t seed) : cast_(cast), random_(seed) {}

  // The next command, drawn from what is there. Now and then days pass first.
  Move Next();
  // What became of it: a scheduled stay may be drawn from then on.
  void Note(const Move& move, const scenarios::Answer& answer);

  const std::vector<HistoryStay>& stays() const { return stays_; }
  size_t Draw(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }
  bool Chance(double share) { return std::bernoulli_distribution(share)(random_); }

 private:
  template <typename T>
  const T& OneOf(const std::vector<T>& items) {
    return items[Draw(items.size())];
  }
  template <typename Command>
  static Move By(const domain::Principal& who, Command command, bool silent = false) {
    return {.who = who,
            .command = std::make_shared<Command>(std::move(command)),
            .header = {},
            .silent = silent};
  }
  // Today, or one of the last days.
  uint32_t SomeDay();
  const domain::Principal& Tutor() { return Chance(0.7) ? cast_.luc : cast_.zoe; }

  Move NextAct();
  Move AboutStay(const HistoryStay& stay);
  Move Enrol();
  Move Assign();
  Move Schedule();
  Move Arrange(const HistoryStay& stay);
  Move Start(const HistoryStay& stay);
  Move LogHours(const HistoryStay& stay);
  Move Outcomes(const HistoryStay& stay);
  Move Feedback(const HistoryStay& stay);
  Move End(const HistoryStay& stay);
  Move MakeUp(const HistoryStay& stay);
  Move Evaluate();
  Move Policy();

  // history_school.cc
  Move Company();
  Move Attest();
  Move ReportGap();
  Move DeclareCapacity();
  company::v1::Gap Gap(const CastSequence& sequence);
  company::v1::Mitigation Mitigation();
  Move Version();
  Move KeyedIn(Move move);

  Cast& cast_;
  std::mt19937_64 random_;
  std::vector<HistoryStay> stays_;
  std::map<size_t, size_t> version_steps_;  // towards later versions, by sequence of the cast
};

// A correct RecordSummativeEvaluation but for what eligibility says: whole basis, right criteria.
std::shared_ptr<google::protobuf::Message> WholeEvaluation(const Cast& cast, size_t student,
                                                           const std::string& module, uint32_t on,
                                                           type::v1::EvaluationResult result);

}  // namespace jalon::properties
