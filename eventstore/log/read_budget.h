// How much of a read's limit is left.
#pragma once

#include <cstddef>

#include "eventstore/log/log.h"

namespace jalon::eventstore {

class ReadBudget {
 public:
  explicit ReadBudget(ReadLimit limit) : limit_(limit) {}

  // Takes one entry of that size if it fits, or is the first. False: the read is over.
  bool Take(size_t bytes) {
    if (entries_ > 0 && (entries_ >= limit_.entries || bytes_ + bytes > limit_.bytes)) return false;
    ++entries_;
    bytes_ += bytes;
    return true;
  }

 private:
  const ReadLimit limit_;
  size_t entries_ = 0;
  size_t bytes_ = 0;
};

}  // namespace jalon::eventstore
