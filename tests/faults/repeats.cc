#include "tests/faults/repeats.h"

#include <set>
#include <string>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "tests/faults/load.h"
#include "tests/faults/load_client.h"

namespace jalon::faults {
namespace {

constexpr uint32_t kInFlight = 64;
constexpr int kTriesMax = 50;

// The request ids of a history in the order in which they were first sent.
std::vector<std::string> Sent(const History& history) {
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const Fact& fact : history) {
    if (fact.kind == Fact::Kind::kSent && seen.insert(fact.id).second) ids.push_back(fact.id);
  }
  return ids;
}

class Repeater {
 public:
  void Send(const client::Client& coordinator, const std::string& hex, uint64_t number) {
    {
      MutexLock lock(mutex_);
      lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) { return out_ < kInFlight; });
      ++out_;
    }
    Try(coordinator, hex, number, 1);
  }

  History Finish() {
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) { return out_ == 0; });
    return answers_;
  }

 private:
  void Try(const client::Client& coordinator, const std::string& hex, uint64_t number, int tries) {
    std::string id;
    JALON_CHECK(FromHex(hex, &id));
    coordinator.CommandLater(
        *CommandOf(number), Header(id),
        [this, coordinator, hex, number, tries](const client::Reply& reply) {
          if (!reply.ok && IsUnknown(reply.error) && tries < kTriesMax) {
            return Try(coordinator, hex, number, tries + 1);
          }
          MutexLock lock(mutex_);
          const type::v1::Position& position = reply.result.position();
          answers_.push_back(
              reply.ok ? Fact{Fact::Kind::kAcked, hex, position.partition(), position.seq(), 0, ""}
                       : Fact{Fact::Kind::kRefused, hex, 0, 0, 0, reply.error.reason});
          --out_;
          changed_.notify_all();
        });
  }

  Mutex mutex_;
  Condition changed_;
  uint32_t out_ JALON_GUARDED_BY(mutex_) = 0;
  History answers_ JALON_GUARDED_BY(mutex_);
};

}  // namespace

History Repeat(const History& history, size_t founding,
               const std::vector<client::Client>& coordinators) {
  const std::vector<std::string> ids = Sent(history);
  Repeater repeater;
  for (size_t i = founding; i < ids.size(); ++i) {
    const uint64_t number = i - founding;
    repeater.Send(coordinators[SchoolOf(number, coordinators.size())], ids[i], number);
  }
  return repeater.Finish();
}

}  // namespace jalon::faults
