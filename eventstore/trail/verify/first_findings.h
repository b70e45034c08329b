// Findings of one kind: a few are told one by one, and all are counted.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// The first findings of a kind, and how many there are.
class FirstFindings {
 public:
  void Add(Finding finding) {
    ++total_;
    if (list_.size() < Report::kFindingsMax) list_.push_back(std::move(finding));
  }
  void Add(FirstFindings findings) {
    total_ += findings.total_ - findings.list_.size();
    for (Finding& finding : findings.list_) Add(std::move(finding));
  }
  void Clear() { *this = {}; }
  const std::vector<Finding>& list() const { return list_; }
  uint64_t total() const { return total_; }

 private:
  std::vector<Finding> list_;
  uint64_t total_ = 0;
};

}  // namespace jalon::trail
