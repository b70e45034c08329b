// Answers wait for their receipts no longer than they must: the record counts, and that is enough.
#include "services/api/receipt_desk.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "eventstore/trail/trail_testing.h"
#include "projections/engine/projector.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/all_views.h"
#include "projections/views/receipts.h"
#include "services/api/queries/engine_views.h"

namespace jalon::api {
namespace {

using projections::testing::kGarage;

// Which the desk's thread reads.
class SharedClock final : public Clock {
 public:
  Micros Wall() const override { return now_.load(); }
  Micros Monotonic() const override { return now_.load(); }
  void Advance(Micros by) { now_ = now_.load() + by; }

 private:
  std::atomic<Micros> now_{Micros{}};
};

class ReceiptDeskTest : public ::testing::Test {
 protected:
  ReceiptDeskTest() {
    EXPECT_TRUE(projector_.Open());
    desk_.Start();
  }

  using Answer = std::future<Receipts::Made>;
  Answer Ask(uint64_t seq, const Bytes& incarnation = {}) {
    auto promise = std::make_shared<std::promise<Receipts::Made>>();
    Answer answer = promise->get_future();
    desk_.Ask(Partition{0}, incarnation, Seq{seq},
              [promise](Receipts::Made made) { promise->set_value(std::move(made)); });
    return answer;
  }
  void Report() {
    history_.Report(kGarage);
    history_.Emit();
  }
  // Until it serves; what comes to the log later, no view folds.
  void Serve() { projections::testing::StepToEnd(projector_); }

  inline static const Bytes kDeployment = Bytes(16, 'D');
  projections::testing::TrailHistory history_;
  const std::unique_ptr<const projections::ViewSet> views_ =
      projections::MakeOneView(projections::kReceipts, kDeployment);
  projections::MemoryViewStore store_;
  projections::Projector projector_{
      projections::ProjectorOptions{.partitions = projections::testing::Partitions(2)},
      history_.log(), store_, *views_};
  EngineViews engine_{projector_.publication()};
  eventstore::Signer signer_{eventstore::SigningKey(trail::Seed{1, 2, 3}),
                             std::make_unique<eventstore::TransientSignerMemory>()};
  TrailNames names_{.deployment = kDeployment, .signer = &signer_};
  Receipts receipts_{{.views = engine_,
                      .log = history_.log(),
                      .names = names_,
                      .partitions = projections::testing::Partitions(2)}};
  SharedClock clock_;
  std::atomic<int> faults_ = 0;
  ReceiptDesk desk_{
      {.receipts = receipts_, .clock = clock_, .on_fault = [this](const Error&) { ++faults_; }}};
};

TEST_F(ReceiptDeskTest, WaitsForNoView) {
  Serve();
  for (uint64_t seq = 1; seq <= 20; ++seq) {
    Report();
    const Receipts::Made made = Ask(seq).get();
    ASSERT_EQ(made.size(), 1u);
    EXPECT_EQ(made[0].index(), seq - 1);
  }
}

TEST_F(ReceiptDeskTest, WaitsForARecordThatIsNotCountedYet) {
  Serve();
  Report();
  Answer later = Ask(2);
  EXPECT_EQ(Ask(1).get().size(), 1u);
  EXPECT_EQ(later.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  Report();
  EXPECT_EQ(later.get().size(), 1u);
}

TEST_F(ReceiptDeskTest, WaitsForViewsThatDoNotServeYet) {
  Report();
  Answer early = Ask(1);
  EXPECT_EQ(early.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  Serve();
  EXPECT_EQ(early.get().size(), 1u);
}

// What is read again for one holds up nobody.
TEST_F(ReceiptDeskTest, OldOnesAreMadeElsewhere) {
  Serve();
  Report();
  EXPECT_EQ(Ask(1).get().size(), 1u);
  Receipts receipts({.views = engine_,
                     .log = history_.log(),
                     .names = names_,
                     .partitions = projections::testing::Partitions(2)});
  Serve();
  std::vector<std::function<void()>> elsewhere;
  Mutex mutex;
  const auto run = [&](std::function<void()> work) {
    const MutexLock lock(mutex);
    elsewhere.push_back(std::move(work));
    return elsewhere.size() == 1;  // then too much is queued
  };
  ReceiptDesk desk({.receipts = receipts, .clock = clock_, .run = run});
  desk.Start();
  const auto ask = [&](uint64_t seq) {
    auto promise = std::make_shared<std::promise<Receipts::Made>>();
    desk.Ask(Partition{0}, {}, Seq{seq},
             [promise](Receipts::Made made) { promise->set_value(std::move(made)); });
    return promise->get_future();
  };
  Answer old = ask(1);
  Answer dropped = ask(1);
  Report();
  EXPECT_EQ(ask(2).get().size(), 1u);
  EXPECT_TRUE(dropped.get().empty());
  EXPECT_EQ(old.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  elsewhere[0]();
  EXPECT_EQ(old.get().size(), 1u);
}

TEST_F(ReceiptDeskTest, LetsGoWhenTheTimeIsOver) {
  Serve();
  Answer never = Ask(7);
  EXPECT_EQ(never.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  clock_.Advance(kReceiptWait);
  EXPECT_TRUE(never.get().empty());
  EXPECT_EQ(faults_, 0);
}

TEST_F(ReceiptDeskTest, LetsGoWhereTheLogIsAnother) {
  Serve();
  Report();
  EXPECT_TRUE(Ask(1, "another life of it").get().empty());
  EXPECT_EQ(faults_, 0);
}

TEST_F(ReceiptDeskTest, LetsAllGoAtTheEnd) {
  Serve();
  Answer waiting = Ask(7);
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  desk_.Stop();
  EXPECT_TRUE(waiting.get().empty());
  EXPECT_TRUE(Ask(1).get().empty());
}

}  // namespace
}  // namespace jalon::api
