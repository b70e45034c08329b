// What is common to all queries, from the parsed request of a known caller to the answer: role →
// school → position → snapshot → scope → answer → as_of. The door (gRPC) and tests call it alike.
// One that spans schools (region.h) reads the snapshots of all partitions instead of a school's.
//
// If the process dies here, nothing happened: a query changes nothing.
#pragma once

#include <google/protobuf/message.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/log/ancestry.h"
#include "services/api/placement.h"
#include "services/api/queries/own_writes.h"
#include "services/api/queries/registry.h"

namespace jalon::api {

// Who asks.
struct Caller {
  domain::Principal principal;
  domain::Language language = domain::Language::kEnglish;
  // The record that another node, which hands the query over, has told callers of: in the
  // partition of the school that is asked about.
  Seq told = {};
};

// Runs `work` soon, on a thread that may take its time; false if too much waits for one: then it is
// dropped.
using Executor = std::function<bool(std::function<void()> work)>;

// A query that names no position waits so long for views that reflect what callers were told of its
// school by this node, and for half of its caller's patience at most; then it is answered from what
// they reflect. So is at once whoever comes while as many wait already.
inline constexpr std::chrono::milliseconds kOwnWritesWait{1'000};
inline constexpr size_t kOwnWritesWaitersMax = 1024;

class QueryFrame {
 public:
  struct Parts {
    Views& views;
    const Placement& placement;
    const eventstore::Ancestry& ancestry;
    const Clock& clock;  // the one that dates are read from; deadlines are of its Monotonic()
    const Opener& opener;
    const PageTokens& pages;
    const TrailNames& trails;
    ReadEventAt events = {};
    Receipts* receipts = nullptr;               // null: none are given here
    const RootLog* root_log = nullptr;          // null: it is not read here
    access::AccessLog* access = nullptr;        // null: none is kept here
    const transfer::Desk* transfers = nullptr;  // null: none are issued here
    const OwnWrites* own_writes = nullptr;      // null: none are waited for
    Executor run;
    // Called with what is wrong inside (damage, a disk that cannot be read), of which a caller is
    // told nothing but that it is. May be empty.
    std::function<void(const Error&)> on_fault = {};
  };

  // All of `parts` must outlive the frame.
  explicit QueryFrame(const Parts& parts) : parts_(parts) {}

  using Done = std::function<void(Result<void>)>;

  // Answers into `response`, an empty message of the method's type, then calls `done`, exactly
  // once: before returning, unless the views have yet to reach the request's min_position, or what
  // this node has told callers, or a sealed section was opened. For the views it waits without a
  // thread: until `deadline` (Clock::Monotonic), or kOwnWritesWait; for what was opened, for the
  // access log, on whose thread `done` is called.
  //
  // Errors: PERMISSION_DENIED ROLE_NOT_ALLOWED; NOT_FOUND for another school; FAILED_PRECONDITION
  // POSITION_FROM_ANOTHER_LOG; UNAVAILABLE VIEW_BEHIND with metadata as_of_seq (how far the views
  // are; none if they are there but too many queries wait to be answered) and min_seq; UNAVAILABLE
  // NOT_SERVING, of a query that spans schools with metadata missing_partitions; UNAVAILABLE
  // ACCESS_LOG_UNAVAILABLE, where something was opened: the response must not go out;
  // RESOURCE_EXHAUSTED QUEUE_FULL of one that waited for what callers were told; and those of the
  // query.
  // REQUIRES: the request satisfies the limits of its fields; request, response and caller live
  // until `done` returns.
  // Thread safety: any thread.
  void Ask(const QueryMethod& method, const google::protobuf::Message& request,
           const Caller& caller, Micros deadline, google::protobuf::Message* response,
           Done done) const;

  // The last record of the school that is asked about which this node has told callers of; 0: none.
  // For a node that the query is handed over to.
  Seq ToldOf(const google::protobuf::Message& request, const Caller& caller) const;

 private:
  struct Question;

  // Ask, but for telling of errors and of what was opened, which it adds to `opened`.
  void Begin(const QueryMethod& method, const google::protobuf::Message& request,
             const Caller& caller, Micros deadline, google::protobuf::Message* response,
             std::set<Bytes>* opened, Done done) const;
  // Answers once the views have reached `wanted`.
  void Wait(std::shared_ptr<const Question> question, const type::v1::Position& wanted,
            Micros deadline, Done done) const;
  // Answers once the views reflect what callers were told by now, or will not soon.
  void AnswerSoon(Question question, Micros deadline, Done done) const;
  // The last record of the school that this node has told callers of; 0: none.
  Seq ToldOfSchool(const Bytes& school_id, Partition partition) const;
  // What the views do not reflect of what this node told of any school.
  std::vector<OwnWrites::Told> UnseenOfAll() const;
  void WaitForOwn(std::shared_ptr<const Question> question, std::vector<OwnWrites::Told> unseen,
                  Micros until, Done done) const;
  // Answers from the views as they are by then, on another thread; false: too many wait for one.
  bool AnswerElsewhere(std::shared_ptr<const Question> question, Done done) const;
  // Answers from the views as they are now.
  Result<void> AnswerNow(const Question& question) const;
  // Answers from what the reader reads; once more, from what the views are then, where another
  // query had a later checkpoint signed meanwhile.
  Result<void> AnswerFrom(const Question& question, std::unique_ptr<Reader> reader) const;
  Result<void> Answer(const Question& question, const Reader* reader) const;
  Result<void> AnswerOfRegion(const Question& question) const;
  // By partition; null where they cannot be read just now.
  Result<std::vector<std::unique_ptr<Reader>>> ReadAll() const;

  // Tells `on_fault` of an error that is none of the caller's.
  void Tell(const Error& error) const;

  const Parts parts_;
  mutable Definitions definitions_;          // a cache
  mutable std::atomic<size_t> waiting_ = 0;  // in WaitForOwn
};

}  // namespace jalon::api
