#include "eventstore/base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace jalon {
namespace {

// A number that every access locks.
class Counter {
 public:
  void Add() {
    MutexLock lock(mutex_);
    ++value_;
    reached_.notify_all();
  }
  void AddByHand() {
    mutex_.Lock();
    ++value_;
    mutex_.Unlock();
    reached_.notify_all();
  }
  int Value() {
    MutexLock lock(mutex_);
    return value_;
  }
  void Await(int value) {
    MutexLock lock(mutex_);
    lock.Wait(reached_, [&]() JALON_REQUIRES(mutex_) { return value_ >= value; });
  }
  bool AwaitFor(int value, std::chrono::milliseconds time) {
    MutexLock lock(mutex_);
    return lock.WaitFor(reached_, time, [&]() JALON_REQUIRES(mutex_) { return value_ >= value; });
  }

 private:
  Mutex mutex_;
  Condition reached_;
  int value_ JALON_GUARDED_BY(mutex_) = 0;
};

TEST(Mutex, ManyThreadsLoseNoCount) {
  constexpr int kThreads = 4, kAdds = 10'000;
  Counter counter;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&counter, by_hand = i % 2 == 0] {
        for (int add = 0; add < kAdds; ++add) by_hand ? counter.AddByHand() : counter.Add();
      });
    }
  }
  EXPECT_EQ(counter.Value(), kThreads * kAdds);
}

TEST(Mutex, WhoWaitsIsWokenByEachChange) {
  constexpr int kAdds = 1000;
  Counter asked, answered;
  std::jthread other([&] {
    for (int add = 1; add <= kAdds; ++add) {
      asked.Await(add);
      answered.Add();
    }
  });
  for (int add = 1; add <= kAdds; ++add) {
    asked.Add();
    answered.Await(add);
  }
  EXPECT_EQ(answered.Value(), kAdds);
}

TEST(Mutex, WaitsNoLongerThanItIsTold) {
  Counter counter;
  EXPECT_FALSE(counter.AwaitFor(1, std::chrono::milliseconds(1)));
  std::jthread other([&] { counter.Add(); });
  EXPECT_TRUE(counter.AwaitFor(1, std::chrono::minutes(1)));
}

}  // namespace
}  // namespace jalon
