// What an embedded log counts of itself.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

namespace jalon::eventstore {

// A copy at one instant.
struct RocksLogStats {
  uint64_t syncs = 0;  // groups, one fsync each
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t polls_from_ring = 0, polls_from_disk = 0;  // followers' and readers'
  uint64_t disk_full_refusals = 0;
  uint64_t rewritten_bytes = 0;  // entries written again by compaction: stays 0
  // Syncs that took under 2^i microseconds and not under 2^(i-1); the last holds all longer ones.
  static constexpr size_t kBuckets = 24;
  std::array<uint64_t, kBuckets> sync_micros{};
};

namespace rocks {

// Thread safety: any thread.
class Counters {
 public:
  void CountGroup(uint64_t entries, uint64_t bytes, std::chrono::nanoseconds sync) {
    ++syncs_;
    entries_ += entries;
    bytes_ += bytes;
    const auto micros = static_cast<uint64_t>(sync.count()) / 1000;
    const auto bucket = static_cast<size_t>(std::bit_width(micros));
    ++sync_micros_[bucket < sync_micros_.size() ? bucket : sync_micros_.size() - 1];
  }
  void CountPoll(bool from_ring) { ++(from_ring ? polls_from_ring_ : polls_from_disk_); }
  void CountDiskFull() { ++disk_full_refusals_; }

  RocksLogStats Read() const {
    RocksLogStats stats;
    stats.syncs = syncs_;
    stats.entries = entries_;
    stats.bytes = bytes_;
    stats.polls_from_ring = polls_from_ring_;
    stats.polls_from_disk = polls_from_disk_;
    stats.disk_full_refusals = disk_full_refusals_;
    for (size_t i = 0; i < sync_micros_.size(); ++i) stats.sync_micros[i] = sync_micros_[i];
    return stats;
  }

 private:
  std::atomic<uint64_t> syncs_ = 0, entries_ = 0, bytes_ = 0;
  std::atomic<uint64_t> polls_from_ring_ = 0, polls_from_disk_ = 0, disk_full_refusals_ = 0;
  std::array<std::atomic<uint64_t>, RocksLogStats::kBuckets> sync_micros_{};
};

}  // namespace rocks
}  // namespace jalon::eventstore
