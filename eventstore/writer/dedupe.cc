#include "eventstore/writer/dedupe.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/writer/request_id.h"
#include "eventstore/writer/seeded_bugs.h"
#include "eventstore/writer/state_keys.h"

namespace jalon::eventstore {
namespace {

// A stored request: seq (8, little-endian) ‖ recorded_at (8) ‖ body_mac (32) ‖ reply.
constexpr size_t kFixedBytes = 8 + 8 + 32;
// What a request costs in memory beside its key and reply.
constexpr size_t kNodeBytes = 192;

std::string EncodeRequest(const AcceptedRequest& request) {
  const uint64_t seq = request.seq.value;
  const int64_t recorded_at = request.recorded_at.count();
  std::string bytes(kFixedBytes, '\0');
  std::memcpy(bytes.data(), &seq, sizeof seq);
  std::memcpy(bytes.data() + 8, &recorded_at, sizeof recorded_at);
  std::memcpy(bytes.data() + 16, request.body_mac.data(), request.body_mac.size());
  bytes += request.reply;
  return bytes;
}

Result<AcceptedRequest> DecodeRequest(std::string_view bytes) {
  if (bytes.size() < kFixedBytes) {
    return Fail(Code::kDataLoss, "INTERNAL",
                "a dedupe row of the writer's state is damaged; remove state/ to rebuild it");
  }
  AcceptedRequest request;
  int64_t recorded_at = 0;
  std::memcpy(&request.seq.value, bytes.data(), sizeof request.seq.value);
  std::memcpy(&recorded_at, bytes.data() + 8, sizeof recorded_at);
  request.recorded_at = Micros(recorded_at);
  request.body_mac = HashFrom(bytes.substr(16, 32));
  request.reply = bytes.substr(kFixedBytes);
  return request;
}

void StoredKey(std::string_view tenant, std::string_view request_id, std::string* key) {
  key->assign(1, kRequestKeys);
  key->append(request_id);
  key->append(tenant);
  if (Seeded(SeededBug::kNoDedupe)) {
    static thread_local uint64_t keys = 0;
    key->append(std::to_string(++keys));  // never the same one again
  }
}

uint64_t MillisOf(std::string_view stored_key) { return RequestIdMillis(stored_key.substr(1)); }

}  // namespace

Dedupe::Dedupe(Partition partition, StateStore& store)
    : partition_(partition), store_(store), pruned_to_(1, kRequestKeys) {}

Result<const Dedupe::Known*> Dedupe::Find(std::string_view tenant, std::string_view request_id) {
  StoredKey(tenant, request_id, &key_);
  if (const auto known = known_.find(key_); known != known_.end()) return &known->second;
  // Ids are drawn as commands are sent: a new one is nearly always newer than all that is stored.
  if (MillisOf(key_) > newest_stored_ms_) return nullptr;
  JALON_ASSIGN_OR_RETURN(std::optional<std::string> stored, store_.Get(partition_, key_));
  if (!stored) return nullptr;
  JALON_ASSIGN_OR_RETURN(found_.request, DecodeRequest(*stored));
  return &found_;
}

Dedupe::Node* Dedupe::Add(std::string_view tenant, std::string_view request_id,
                          AcceptedRequest request) {
  StoredKey(tenant, request_id, &key_);
  const auto [node, is_new] = known_.try_emplace(key_, Known{std::move(request), true});
  JALON_CHECK(is_new);
  return &*node;
}

void Dedupe::Count(Node* node) {
  node->second.in_flight = false;
  unflushed_.push_back(node);
  unflushed_bytes_ += kNodeBytes + node->first.size() + node->second.request.reply.size();
}

void Dedupe::Forget(Node* node) {
  JALON_CHECK(node->second.in_flight);
  known_.erase(known_.find(node->first));
}

void Dedupe::Set(std::string_view tenant, std::string_view request_id, AcceptedRequest request) {
  StoredKey(tenant, request_id, &key_);
  const auto [node, is_new] = known_.try_emplace(key_, Known{std::move(request), false});
  if (is_new) Count(&*node);
}

Result<void> Dedupe::Changes(Micros log_time, size_t prune_max, std::vector<RowChange>* changes) {
  // No later record has an older id than this: what is pruned once stays pruned.
  const std::string oldest = std::string(1, kRequestKeys) + OldestRequestId(log_time);
  changes->reserve(changes->size() + unflushed_.size());
  for (const Node* node : unflushed_) {
    if (node->first < oldest) continue;
    changes->emplace_back(node->first, EncodeRequest(node->second.request));
    newest_stored_ms_ = std::max(newest_stored_ms_, MillisOf(node->first));
  }
  if (oldest <= pruned_to_) return {};
  JALON_ASSIGN_OR_RETURN(std::vector<StoredRow> expired,
                         store_.Scan(partition_, pruned_to_, oldest, prune_max));
  for (StoredRow& row : expired) changes->emplace_back(std::move(row.key), std::nullopt);
  pruned_to_ = expired.size() < prune_max ? oldest : changes->back().key;
  return {};
}

void Dedupe::Flushed() {
  for (const Node* node : unflushed_) known_.erase(known_.find(node->first));
  unflushed_.clear();
  unflushed_bytes_ = 0;
}

}  // namespace jalon::eventstore
