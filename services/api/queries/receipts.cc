#include "services/api/queries/receipts.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "eventstore/trail/proof.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tree.h"
#include "projections/trail/receipts_log.h"
#include "projections/views/receipts.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {

using projections::ReceiptsLog;
using projections::ReceiptsTail;
using projections::Received;
using projections::TreeState;

namespace {

// Whoever waits for a receipt waits for what is read at once, and so many times.
constexpr eventstore::ReadLimit kPollLimit{.entries = 1024, .bytes = 4 * 1024 * 1024};
constexpr int kPollsPerPass = 16;
// A pass may sign further while an old receipt is made from the rows alone; then there is a tail.
constexpr int kTries = 2;

std::unexpected<Error> ViewBehind() {
  return Fail(Code::kUnavailable, "VIEW_BEHIND",
              "the views of this node are being brought up to date: ask again in a moment");
}

Result<void> CheckPlace(const ReceiptsWanted& wanted, const ReceiptsTail& tail) {
  if (!wanted.log_incarnation.empty() && wanted.log_incarnation != tail.log_incarnation()) {
    return Fail(Code::kFailedPrecondition, kAnotherLog, "the record is of another life of the log");
  }
  if (wanted.seq <= tail.seq()) return {};
  return Fail(Code::kUnavailable, kNotCountedYet, "the record is not counted here yet");
}

}  // namespace

// A receipts log by its rows.
class Receipts::Rows {
 public:
  static Result<Rows> Open(const Receipts& receipts, Partition partition) {
    Rows rows;
    JALON_ASSIGN_OR_RETURN(rows.reader_,
                           receipts.views_.Read(partition, projections::PartitionScope()));
    rows.log_ = std::make_unique<ReceiptsLog>(TrailRowsOf(rows.reader_, projections::kReceipts),
                                              receipts.names_.deployment, partition, receipts.log_);
    JALON_ASSIGN_OR_RETURN(rows.now_, rows.log_->tree().Now());
    return rows;
  }

  const TreeState& now() const { return now_; }
  Result<Hash> Node(trail::Node node) {
    if ((node.index + 1) << node.level > now_.size) return ViewBehind();
    return log_->tree().Read(node);
  }
  // Reads the log.
  Result<std::vector<Received>> Of(const ReceiptsWanted& wanted) {
    if (reader_->as_of().position().seq() < wanted.seq.value) return ViewBehind();
    return log_->Of(wanted.seq, kReceiptsPerReplyMax, wanted.event);
  }

 private:
  std::shared_ptr<const Reader> reader_;
  std::unique_ptr<ReceiptsLog> log_;
  TreeState now_;
};

// A receipts log at one size, and how it was signed: by its end in memory, its rows or both, as far
// as each reaches.
class Receipts::Opened {
 public:
  Opened(const Receipts& receipts, Partition partition, const ReceiptsTail* tail,
         std::optional<Rows> rows = {})
      : receipts_(receipts), partition_(partition), tail_(tail), rows_(std::move(rows)) {
    const bool by_rows = rows_ && (tail_ == nullptr || rows_->now().size >= tail_->tree().size());
    now_.origin = receipts.names_.ReceiptsOrigin(partition);  // of today's generation
    now_.size = by_rows ? rows_->now().size : tail_->tree().size();
    now_.root = by_rows ? rows_->now().root : tail_->tree().Root();
  }

  // As it was signed before, if that is of this generation and has all of these.
  bool IsSigned(const Signed& before, const std::vector<Received>& entries) {
    const auto has = [&](const Received& entry) { return entry.at < before.checkpoint.size; };
    if (before.checkpoint.origin != now_.origin || !std::ranges::all_of(entries, has)) return false;
    signed_ = before;
    return true;
  }
  eventstore::Signer::ToSign ToSign() {
    return {now_, [this](uint64_t old_size) {
              return trail::ConsistencyProof(old_size, now_.size, NodesOf());
            }};
  }
  const Signed& SignedBy(std::string note) {
    signed_ = {.checkpoint = now_,
               .note = std::move(note),
               .verifier_key = receipts_.names_.VerifierOf(now_.origin)};
    return signed_;
  }

  Result<Made> MakeOf(std::vector<Received> entries) {
    Made made;
    const auto& [origin, size, root] = signed_.checkpoint;
    for (Received& entry : entries) {
      JALON_ASSIGN_OR_RETURN(trail::Proof proof, trail::InclusionProof(entry.at, size, NodesOf()));
      // Rows may be damaged, and nobody is given a receipt that proves nothing. What is in memory
      // is what was signed.
      if (rows_ &&
          !trail::VerifyInclusion(entry.at, size, trail::LeafHash(entry.line), proof, root)) {
        return projections::TrailRowsBroken();
      }
      trail::v1::Receipt& receipt = made.emplace_back();
      receipt.set_company_id(entry.company_id.Str());
      receipt.set_index(entry.index);
      receipt.set_trail(std::move(entry.trail));
      receipt.set_verifier_key(signed_.verifier_key);
      receipt.set_tlog_proof(trail::FormatTlogProof({.extra = std::move(entry.line),
                                                     .index = entry.at,
                                                     .hashes = std::move(proof),
                                                     .checkpoint = signed_.note}));
      receipt.set_entry(std::move(entry.entry));
    }
    return made;
  }

 private:
  trail::NodeReader NodesOf() {
    return [this](trail::Node node) -> Result<Hash> {
      const Hash* hash = tail_ == nullptr ? nullptr : tail_->tree().Find(node);
      if (hash != nullptr) return *hash;
      if (!rows_) {
        JALON_ASSIGN_OR_RETURN(rows_, Rows::Open(receipts_, partition_));
      }
      return rows_->Node(node);
    };
  }

  const Receipts& receipts_;
  const Partition partition_;
  const ReceiptsTail* const tail_;
  std::optional<Rows> rows_;
  trail::Checkpoint now_;
  Signed signed_;
};

// The receipts logs that one pass signs.
class Receipts::Pass {
 public:
  explicit Pass(const Receipts& receipts) : receipts_(receipts) {}

  void Add(Partition partition, const ReceiptsTail& tail) {
    logs_.try_emplace(partition, receipts_, partition, &tail);
  }
  // What was signed goes into `done`.
  void Sign(std::map<Partition, Signed>* done) {
    if (logs_.empty()) return;
    std::vector<eventstore::Signer::ToSign> wanted;
    wanted.reserve(logs_.size());
    for (auto& [partition, log] : logs_) wanted.push_back(log.ToSign());
    std::vector<Result<std::string>> notes = receipts_.names_.signer->SignAll(wanted);
    size_t next = 0;
    for (auto& [partition, log] : logs_) {
      Result<std::string>& note = notes[next++];
      if (note) {
        done->insert_or_assign(partition, log.SignedBy(*std::move(note)));
      } else {
        refused_.emplace(partition, NotSigned(std::move(note).error()).error());
      }
    }
  }
  Result<Made> Make(const ReceiptsWanted& wanted, std::vector<Received> entries) {
    const auto refused = refused_.find(wanted.partition);
    if (refused != refused_.end()) return std::unexpected(refused->second);
    return logs_.at(wanted.partition).MakeOf(std::move(entries));
  }

 private:
  const Receipts& receipts_;
  std::map<Partition, Opened> logs_;
  std::map<Partition, Error> refused_;
};

Receipts::Receipts(const Parts& parts)
    : views_(parts.views),
      log_(parts.log),
      names_(parts.names),
      tails_({.views = parts.views,
              .log = parts.log,
              .deployment = parts.names.deployment,
              .partitions = parts.partitions}) {}

void Receipts::OnNews(std::function<void()> news) {
  news_ = news;
  const MutexLock lock(mutex_);
  tails_.OnNews(std::move(news));
}

Result<bool> Receipts::Advance() {
  Result<bool> more = CountOnce();
  const MutexLock lock(mutex_);
  tails_.Trim();
  return more;
}

Result<bool> Receipts::CountOnce() {
  eventstore::Follower* follower = nullptr;
  {
    const MutexLock lock(mutex_);
    if (!CanSign()) {  // it begins anew, should it ever sign again
      tails_.LetGoOfAll();
      return false;
    }
    tails_.BeginAll();
    JALON_ASSIGN_OR_RETURN(follower, tails_.Follow());
  }
  if (follower == nullptr) return false;
  const auto entries = follower->Poll(kPollLimit);
  const MutexLock lock(mutex_);
  if (!entries) {
    tails_.LetGoOfAll();
    return std::unexpected(entries.error());
  }
  JALON_RETURN_IF_ERROR(tails_.Take(*entries));
  return !entries->empty();
}

std::map<Partition, Error> Receipts::Count(std::span<const ReceiptsWanted> wanted) {
  std::map<Partition, Error> failed;
  {
    const MutexLock lock(mutex_);
    for (const ReceiptsWanted& one : wanted) {
      const Result<void> begun = tails_.Begin(one.partition);
      if (!begun) failed.insert_or_assign(one.partition, begun.error());
    }
  }
  Result<bool> more = CountOnce();
  for (int i = 1; i < kPollsPerPass && more && *more; ++i) more = CountOnce();
  if (more && *more) Ring();
  if (more) return failed;
  for (const ReceiptsWanted& one : wanted) failed.try_emplace(one.partition, more.error());
  return failed;
}

std::vector<Result<Receipts::Made>> Receipts::Make(std::span<const ReceiptsWanted> wanted) {
  std::vector<Result<Made>> made(wanted.size());
  if (!CanSign()) {
    made.assign(wanted.size(), SignerElsewhere());
    return made;
  }
  const std::map<Partition, Error> failed = Count(wanted);
  const MutexLock lock(mutex_);
  Pass pass(*this);
  std::vector<std::vector<Received>> entries(wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    const ReceiptsTail* tail = tails_.Find(wanted[i].partition);
    if (tail == nullptr) {
      const auto why = failed.find(wanted[i].partition);
      made[i] = why == failed.end() ? SignerElsewhere() : std::unexpected(why->second);
      continue;
    }
    if (const Result<void> there = CheckPlace(wanted[i], *tail); !there) {
      made[i] = std::unexpected(there.error());
      continue;
    }
    auto found = tail->Of(wanted[i].seq, kReceiptsPerReplyMax, wanted[i].event);
    if (!found) {
      made[i] = Fail(Code::kUnavailable, kNotInMemory, "the record is too old for this pass");
      continue;
    }
    entries[i] = *std::move(found);
    pass.Add(wanted[i].partition, *tail);
  }
  pass.Sign(&signed_);
  std::vector<Partition> wrong;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!made[i]) continue;
    made[i] = pass.Make(wanted[i], std::move(entries[i]));
    // It began from rows that were damaged, or of views that are built anew by then.
    if (!made[i] &&
        (made[i].error().code == Code::kDataLoss || made[i].error().reason == "SIGNED_OTHERWISE")) {
      wrong.push_back(wanted[i].partition);
    }
  }
  for (const Partition partition : wrong) tails_.LetGo(partition);
  tails_.Trim();
  return made;
}

Result<Receipts::Made> Receipts::MakeAgain(const ReceiptsWanted& wanted) {
  for (int i = 1;; ++i) {
    if (!CanSign()) return SignerElsewhere();
    JALON_ASSIGN_OR_RETURN(Rows rows, Rows::Open(*this, wanted.partition));
    JALON_ASSIGN_OR_RETURN(std::vector<Received> entries, rows.Of(wanted));
    const MutexLock lock(mutex_);
    Opened log(*this, wanted.partition, tails_.Find(wanted.partition), std::move(rows));
    const auto before = signed_.find(wanted.partition);
    if (before != signed_.end() && log.IsSigned(before->second, entries)) {
      return log.MakeOf(std::move(entries));
    }
    const eventstore::Signer::ToSign to_sign = log.ToSign();
    Result<std::string> note = names_.signer->SignAll({&to_sign, 1}).front();
    if (note) {
      log.SignedBy(*std::move(note));
      return log.MakeOf(std::move(entries));
    }
    if (note.error().reason != "SIGNED_FURTHER" || i == kTries) return NotSigned(note.error());
  }
}

}  // namespace jalon::api
