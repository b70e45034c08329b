// Numbered pieces of work done by several threads and taken in the order of their numbers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"

namespace jalon::trail {

// Makes the pieces [0, count) in `threads` threads, of which none is ahead of the first piece not
// yet taken by more than a few for each: so memory is bounded. `make` gets the thread's number and
// the piece's, and runs at the same time as others; `take` gets the pieces in order, one at a time.
// The first error of either ends it, and is returned.
template <typename Piece>
class InOrder {
 public:
  using Make = std::function<Result<Piece>(unsigned thread, uint64_t number)>;
  using Take = std::function<Result<void>(uint64_t number, Piece piece)>;

  InOrder(uint64_t count, unsigned threads, Make make, Take take)
      : count_(count),
        threads_(threads),
        make_(std::move(make)),
        take_(std::move(take)),
        slots_(size_t{threads} * kAheadOfEach) {}

  Result<void> Run() {
    if (threads_ == 1) {
      for (uint64_t number = 0; number < count_; ++number) {
        JALON_ASSIGN_OR_RETURN(Piece piece, make_(0, number));
        JALON_RETURN_IF_ERROR(take_(number, std::move(piece)));
      }
      return {};
    }
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < threads_; ++i) {
        threads.emplace_back([this, i] { Work(i); });
      }
    }
    MutexLock lock(mutex_);
    if (error_) return std::unexpected(*std::move(error_));
    return {};
  }

 private:
  static constexpr size_t kAheadOfEach = 8;

  // The next number, once there is a place for its piece; none at the end.
  std::optional<uint64_t> Claim() {
    MutexLock lock(mutex_);
    lock.Wait(moved_, [this]() JALON_REQUIRES(mutex_) {
      return error_ || claimed_ == count_ || claimed_ < taken_ + slots_.size();
    });
    if (error_ || claimed_ == count_) return std::nullopt;
    return claimed_++;
  }

  // Leaves the piece; whoever brings the one that is due takes all that are there.
  void Bring(uint64_t number, Result<Piece> piece) {
    MutexLock lock(mutex_);
    if (!piece) {
      Stop(std::move(piece).error());
      return;
    }
    slots_[number % slots_.size()] = *std::move(piece);
    if (number != taken_) return;
    for (auto* slot = &slots_[number % slots_.size()]; !error_ && slot->has_value();
         slot = &slots_[taken_ % slots_.size()]) {
      if (auto took = take_(taken_, *std::move(*slot)); !took) Stop(std::move(took).error());
      slot->reset();
      ++taken_;
    }
    moved_.notify_all();
  }

  void Stop(Error error) JALON_REQUIRES(mutex_) {
    if (!error_) error_ = std::move(error);
    moved_.notify_all();
  }

  void Work(unsigned thread) {
    for (auto number = Claim(); number; number = Claim()) Bring(*number, make_(thread, *number));
  }

  const uint64_t count_;
  const unsigned threads_;
  const Make make_;
  const Take take_;

  Mutex mutex_;
  Condition moved_;
  uint64_t claimed_ JALON_GUARDED_BY(mutex_) = 0;
  uint64_t taken_ JALON_GUARDED_BY(mutex_) = 0;
  std::vector<std::optional<Piece>> slots_ JALON_GUARDED_BY(mutex_);
  std::optional<Error> error_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::trail
