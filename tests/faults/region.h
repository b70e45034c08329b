// A region with a school year behind it, on a running server: something to write to, and to ask
// about, while faults happen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "deploy/demo/admin.h"
#include "deploy/demo/crew.h"
#include "deploy/demo/jalon.h"
#include "deploy/demo/school.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "jalon/type/v1/position.pb.h"

namespace jalon::faults {

// Thread safety: Seen from any thread, all else from one.
class Region {
 public:
  // `jalon` must serve, on a folder born with a virtual clock, whenever a call is made.
  explicit Region(const demo::Jalon& jalon);

  // Three schools live the year. An error names what went wrong.
  Result<void> Live(uint32_t students_per_cohort);

  // Sends one fact about the next student, without waiting.
  void Write();
  // Waits for all answers. An error if one was not as it should be.
  Result<void> Settle();
  uint64_t written() const { return crew_.accepted(); }

  // The answers about every school and some students, after all that was written: the same bytes as
  // long as nothing more is.
  Result<std::string> Answers();
  // The record that an answer about some student of the first school reflects.
  Result<uint64_t> Seen(size_t student) const;

 private:
  template <typename Response, typename Request>
  Result<void> Ask(const demo::School& school, Request request, std::string* bytes);
  void Note(const demo::School& school, const type::v1::Position& position);

  const demo::Jalon& jalon_;
  demo::Admin admin_;
  demo::Crew crew_;
  std::vector<demo::School> schools_;
  uint64_t turn_ = 0;
  Mutex mutex_;
  // The last record that Write was answered, by school.
  std::map<std::string, type::v1::Position> last_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::faults
