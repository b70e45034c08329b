// What the framework's page says of a student's eligibility, read naively off the events.
//
// It shares no function with the product: it keeps no state but the events themselves, and reads
// them all, from the first to the last, for every question. Slow, and plain enough to be checked
// against the catalogue's section (b) by eye.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "jalon/log/v1/log.pb.h"

namespace jalon::properties {

// One event as it was told.
struct Told {
  uint64_t seq = 0;
  std::string aggregate;
  std::string subject;
  uint32_t occurred_on = 0;
  std::unique_ptr<google::protobuf::Message> message;

  // The message, if it is an M.
  template <typename M>
  const M* As() const {
    return message->GetDescriptor() == M::descriptor() ? static_cast<const M*>(message.get())
                                                       : nullptr;
  }
};

class Oracle {
 public:
  // The next event of the school; aborts on bytes that are none.
  void Hear(uint64_t seq, const std::string& encoded_event);

  // Everything that stands against evaluating the student in the module with a first sitting on
  // `on`: "STAY_NOT_ENDED/NOT_STARTED 0102…". Just "EVALUATED" where a success is in force.
  std::set<std::string> Reasons(const std::string& student_id, const std::string& module,
                                uint32_t on) const;

  // The activities accomplished for the module in stays, as "stay activity" in hexadecimal and
  // text.
  std::set<std::string> Accomplished(const std::string& student_id,
                                     const std::string& module) const;

  // The activities that the stay plans.
  std::vector<std::string> Planned(const std::string& stay_id) const;
  // The activities of the sequence as it was last assigned to the student.
  std::vector<std::string> Assigned(const std::string& student_id,
                                    const std::string& sequence_id) const;

  // R14: the end of a stay requires exactly one make-up, in its own record, for each planned
  // activity that was not fully performed by then. Which stay and activity it is not so for; empty:
  // none.
  std::string MakeUpFault() const;

  // The day on which the stay ended; 0: it has not.
  uint32_t LastDayOf(const std::string& stay_id) const;

  // A module that the activity touches has a result recorded since the stay ended.
  bool WasEvaluatedAfter(const std::string& stay_id, const std::string& activity) const;

  const std::vector<Told>& events() const { return events_; }

 private:
  struct Plan;

  std::vector<Plan> StaysOn(const std::string& student_id, const std::string& module) const;
  std::string StateOf(const std::string& stay_id, uint32_t* ended_on) const;
  std::string OutcomeOf(const std::string& stay_id, const std::string& activity,
                        uint64_t until_seq = UINT64_MAX) const;
  std::string MakeUpState(const std::string& stay_id, const std::string& activity,
                          uint32_t* completed_on) const;
  std::string Choice(const std::string& key, const std::string& otherwise, uint32_t on) const;
  bool HasModule(const std::string& student_id, const std::string& module) const;
  bool HasSucceeded(const std::string& student_id, const std::string& module) const;
  bool InAlternance(const std::string& student_id) const;
  void UnplacedReasons(const std::string& student_id, const std::string& module,
                       std::set<std::string>* reasons) const;
  void MakeUpReasons(const std::string& student_id, const std::string& module, uint32_t on,
                     std::set<std::string>* reasons) const;
  void StayReasons(const std::string& student_id, const std::string& module, uint32_t on,
                   std::set<std::string>* reasons) const;

  std::vector<Told> events_;
};

}  // namespace jalon::properties
