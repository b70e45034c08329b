#include "services/node/query_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace jalon::node {
namespace {

TEST(QueryThreads, RunElsewhereBoundedAndToTheEnd) {
  std::atomic<int> done = 0;
  std::promise<std::thread::id> began;
  std::promise<void> go_on;
  {
    QueryThreads threads(1, 2);
    ASSERT_TRUE(threads.Run([&] {
      began.set_value(std::this_thread::get_id());
      go_on.get_future().wait();
      ++done;
    }));
    EXPECT_NE(began.get_future().get(), std::this_thread::get_id());
    EXPECT_TRUE(threads.Run([&] { ++done; }));
    EXPECT_TRUE(threads.Run([&] { ++done; }));
    EXPECT_FALSE(threads.Run([&] { ++done; }));
    go_on.set_value();
  }
  EXPECT_EQ(done, 3);
}

}  // namespace
}  // namespace jalon::node
