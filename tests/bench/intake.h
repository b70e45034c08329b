// Whole intakes of students, by bulk commands of 100 rows: enrolled, assigned a sequence, given
// stays, prepared. What the benchmark of bulk commands sends.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "jalon/type/v1/header.pb.h"
#include "tests/bench/load.h"
#include "tests/bench/prepared.h"

namespace jalon::bench {

class Intake {
 public:
  static constexpr uint32_t kRows = 100;  // of a command: as many as one may have
  static constexpr uint32_t kKinds = 4;   // of commands
  // Before the round with commands of every kind.
  static constexpr uint32_t kRoundsBefore = kKinds - 1;

  // `region` as Found made it; it must outlive this.
  Intake(const Region& region, uint32_t commands_per_kind);
  static std::vector<std::string> Methods();
  // How many companies a school needs for so many rounds, filled to half their seats.
  static uint32_t Companies(uint32_t rounds, uint32_t commands_per_kind);

  // As many commands of each kind, in turn: of students new to the school, and of those whom the
  // round before enrolled, assigned or gave a stay. A command of stays places its students in as
  // many companies as there are.
  std::vector<Call> Round();
  // What the last round was answered. False if anything was refused, which is said on stderr.
  bool Take(const Measured& measured);

 private:
  // A hundred students of one cohort, on their way.
  struct Group {
    size_t school = 0;
    size_t cohort = 0;
    std::vector<std::string> ids;  // of the students; of their stays, once there are any
  };
  using Groups = std::array<std::vector<Group>, kKinds>;

  Call Enrol(const Group& group);
  Call Assign(const Group& group) const;
  Call Schedule(const Group& group);
  Call Prepare(const Group& group) const;
  template <typename Request>
  Call CallOf(uint32_t kind, const Group& group, Request request) const;

  const Region& region_;
  uint32_t commands_per_kind_;
  uint64_t groups_ = 0;
  uint64_t enrolled_ = 0;
  uint64_t scheduled_ = 0;
  Groups sent_;  // of the last round, by kind
};

}  // namespace jalon::bench
