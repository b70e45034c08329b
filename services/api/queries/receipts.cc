#include "services/api/queries/receipts.h"

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

namespace {

// More comes at once only after a start.
constexpr int kAdvancesPerPass = 16;

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

class Receipts::Opened {
 public:
  Opened(Receipts& receipts, Partition partition, const ReceiptsTail& tail)
      : receipts_(receipts), partition_(partition), tail_(tail) {}

  const ReceiptsTail& tail() const { return tail_; }
  const trail::Checkpoint& now() const { return now_; }
  // Somebody wants a receipt of it.
  bool wanted = false;

  void Measure(std::string origin) {
    now_ = {.origin = std::move(origin), .size = tail_.tree().size(), .root = tail_.tree().Root()};
  }
  void Signed(std::string note, std::string verifier_key) {
    note_ = std::move(note);
    verifier_key_ = std::move(verifier_key);
  }

  // That it goes on from its beginning of that size.
  Result<trail::Proof> ProveConsistency(uint64_t old_size) {
    return trail::ConsistencyProof(old_size, now_.size, NodesOf());
  }

  Result<Made> Make(const ReceiptsWanted& wanted) {
    JALON_RETURN_IF_ERROR(CheckPlace(wanted, tail_));
    JALON_ASSIGN_OR_RETURN(std::vector<Received> entries, EntriesOf(wanted));
    Made made;
    for (Received& entry : entries) {
      JALON_ASSIGN_OR_RETURN(trail::Proof proof,
                             trail::InclusionProof(entry.at, now_.size, NodesOf()));
      // The rows may be damaged, and nobody is given a receipt that proves nothing.
      if (!trail::VerifyInclusion(entry.at, now_.size, trail::LeafHash(entry.line), proof,
                                  now_.root)) {
        return projections::TrailRowsBroken();
      }
      trail::v1::Receipt& receipt = made.emplace_back();
      receipt.set_company_id(entry.company_id.Str());
      receipt.set_index(entry.index);
      receipt.set_trail(std::move(entry.trail));
      receipt.set_verifier_key(verifier_key_);
      receipt.set_tlog_proof(trail::FormatTlogProof({.extra = std::move(entry.line),
                                                     .index = entry.at,
                                                     .hashes = std::move(proof),
                                                     .checkpoint = note_}));
      receipt.set_entry(std::move(entry.entry));
    }
    return made;
  }

 private:
  // The log by its rows, for what is not in memory any more.
  struct Rows {
    std::shared_ptr<const Reader> reader;
    std::unique_ptr<ReceiptsLog> log;
    uint64_t size = 0;
  };

  Result<Rows*> OpenRows() {
    if (rows_) return &*rows_;
    Rows rows;
    JALON_ASSIGN_OR_RETURN(rows.reader,
                           receipts_.views_.Read(partition_, projections::PartitionScope()));
    rows.log =
        std::make_unique<ReceiptsLog>(TrailRowsOf(rows.reader, projections::kReceipts),
                                      receipts_.names_.deployment, partition_, receipts_.log_);
    JALON_ASSIGN_OR_RETURN(rows.size, rows.log->tree().Size());
    rows_ = std::move(rows);
    return &*rows_;
  }

  Result<std::vector<Received>> EntriesOf(const ReceiptsWanted& wanted) {
    auto recent = tail_.Of(wanted.seq, kReceiptsPerReplyMax, wanted.event);
    if (recent) return *std::move(recent);
    JALON_ASSIGN_OR_RETURN(Rows * rows, OpenRows());
    if (rows->reader->as_of().position().seq() < wanted.seq.value) return ViewBehind();
    return rows->log->Of(wanted.seq, kReceiptsPerReplyMax, wanted.event);
  }

  trail::NodeReader NodesOf() {
    return [this](trail::Node node) -> Result<Hash> {
      if (const Hash* hash = tail_.tree().Find(node)) return *hash;
      JALON_ASSIGN_OR_RETURN(Rows * rows, OpenRows());
      if ((node.index + 1) << node.level > rows->size) return ViewBehind();
      return rows->log->tree().Read(node);
    };
  }

  Receipts& receipts_;
  const Partition partition_;
  const ReceiptsTail& tail_;
  trail::Checkpoint now_;
  std::string note_, verifier_key_;
  std::optional<Rows> rows_;
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
  const MutexLock lock(mutex_);
  tails_.OnNews(std::move(news));
}

Result<bool> Receipts::Advance() {
  const MutexLock lock(mutex_);
  return tails_.Advance();
}

Receipts::Pass Receipts::Open(std::span<const ReceiptsWanted> wanted) {
  Pass pass;
  for (const ReceiptsWanted& one : wanted) {
    const auto [opened, is_new] = pass.try_emplace(one.partition);
    if (!is_new) continue;
    if (const Result<void> begun = tails_.Begin(one.partition); !begun) {
      opened->second = std::unexpected(begun.error());
    }
  }
  Result<bool> counted = tails_.Advance();
  for (int i = 1; i < kAdvancesPerPass && counted && *counted; ++i) counted = tails_.Advance();
  for (auto& [partition, opened] : pass) {
    if (!opened) continue;
    if (const ReceiptsTail* tail = tails_.Find(partition)) {
      opened = std::make_unique<Opened>(*this, partition, *tail);
    } else {
      opened = std::unexpected(counted.error());  // it was let go of
    }
  }
  return pass;
}

void Receipts::Sign(Pass& pass) {
  std::vector<eventstore::Signer::ToSign> to_sign;
  std::vector<Result<std::unique_ptr<Opened>>*> of;
  for (auto& [partition, opened] : pass) {
    if (!opened || !(*opened)->wanted) continue;
    Opened& log = **opened;
    log.Measure(names_.ReceiptsOrigin(partition));  // of today's generation
    of.push_back(&opened);
    to_sign.push_back(
        {log.now(), [&log](uint64_t old_size) { return log.ProveConsistency(old_size); }});
  }
  if (to_sign.empty()) return;
  std::vector<Result<std::string>> notes = names_.signer->SignAll(to_sign);
  for (size_t i = 0; i < notes.size(); ++i) {
    auto& opened = *of[i];
    if (notes[i]) {
      (*opened)->Signed(*std::move(notes[i]), names_.VerifierOf((*opened)->now().origin));
    } else {
      opened = NotSigned(std::move(notes[i]).error());
    }
  }
}

std::vector<Result<Receipts::Made>> Receipts::Make(std::span<const ReceiptsWanted> wanted) {
  std::vector<Result<Made>> made;
  made.reserve(wanted.size());
  if (names_.signer == nullptr) {
    made.resize(wanted.size(), SignerElsewhere());
    return made;
  }
  const MutexLock lock(mutex_);
  Pass pass = Open(wanted);
  for (const ReceiptsWanted& one : wanted) {
    const auto& opened = pass.at(one.partition);
    if (opened && CheckPlace(one, (*opened)->tail())) (*opened)->wanted = true;
  }
  Sign(pass);
  for (const ReceiptsWanted& one : wanted) {
    const auto& opened = pass.at(one.partition);
    made.push_back(opened ? (*opened)->Make(one) : std::unexpected(opened.error()));
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    // It began from rows that may be damaged, or of views that are built anew by then.
    const bool wrong = !made[i] && (made[i].error().code == Code::kDataLoss ||
                                    made[i].error().reason == "SIGNED_OTHERWISE");
    if (wrong) tails_.LetGo(wanted[i].partition);
  }
  return made;
}

}  // namespace jalon::api
