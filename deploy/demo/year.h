// The school year of the demonstration, month by month: placement, the stay, the company's
// feedback, make-up, evaluation.
#pragma once

#include <functional>
#include <vector>

#include "deploy/demo/crew.h"
#include "deploy/demo/school.h"

namespace jalon::demo {

class Year {
 public:
  // `advance` moves the server's clock to 08:00 of a date; `on_progress` is told of each step's
  // name.
  Year(std::vector<School>& schools, Crew& crew, uint32_t today_on,
       std::function<void(uint32_t on)> advance, std::function<void(const char*)> on_progress);

  void Schedule();  // assign, schedule
  void Arrange();   // accept, supervise, attest, prepare
  void Start();     // on the first day of the stays
  void Work();      // five weeks of hours, outcomes and estimates
  void End();       // reports, ends: what stayed silent becomes make-up
  void MakeUp();    // at school
  void Evaluate();  // after the stay

  uint32_t start_on() const { return start_on_; }
  uint32_t end_on() const { return end_on_; }

 private:
  void AdvanceTo(uint32_t on);
  void Schedule(School& school, Cohort& cohort);
  void Arrange(const School& school, const Cohort& cohort, size_t company);
  void WorkWeek(const School& school, const Cohort& cohort, const Student& student, int week);
  void Observe(const School& school, const Cohort& cohort, const Student& student);
  void EvaluateModule(const School& school, const Cohort& cohort, const Student& student,
                      const std::string& module);
  template <typename Do>
  void ForEachStudent(Do action);

  std::vector<School>& schools_;
  Crew& crew_;
  std::function<void(uint32_t)> advance_;
  std::function<void(const char*)> on_progress_;
  uint32_t today_on_;
  uint32_t start_on_;
  uint32_t end_on_;
};

}  // namespace jalon::demo
