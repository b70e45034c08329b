// For tests of trails: a log in memory with trails of two schools, and the view that folds it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/log/memory/memory_log.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"
#include "projections/trail/trail_rows.h"
#include "projections/views/id.h"

namespace jalon::projections::testing {

inline const Bytes kSchoolA = "school-A-16bytes";
inline const Bytes kSchoolB = "school-B-16bytes";
inline const Bytes kGarage = "garage00";
inline const Bytes kBakery = "bakery00";

// An event about a stay, with filling; with a place in a trail where `company` is not empty.
log::v1::Event MakeReport(const Bytes& school, const Bytes& company, uint64_t index,
                          const std::string& payload = "payload");

// The log: school A in partition 0, B in 1. It counts the trails as the writer does.
class TrailHistory {
 public:
  TrailHistory();

  eventstore::MemoryLog& log() { return log_; }
  // Adds a leaf to the record in the making, or an event that is none.
  void Report(const Bytes& company, const Bytes& school = kSchoolA);
  void Say(const Bytes& school = kSchoolA);
  // Appends the record.
  void Emit(const Bytes& school = kSchoolA);
  void Append(const Bytes& school, const std::vector<log::v1::Event>& events);
  // So many records of some events each: trails of both schools, events of none, copies, claims.
  void AppendRandom(std::mt19937_64& random, size_t records);

  // The stored bytes of a trail's entries.
  const std::vector<std::string>& Entries(const Bytes& company, const Bytes& school = kSchoolA) {
    return entries_[{school, company}];
  }

 private:
  eventstore::MemoryLog log_;
  LogWriter writer_;
  std::vector<log::v1::Event> record_;
  std::map<std::pair<Bytes, Bytes>, std::vector<std::string>> entries_;
  uint64_t said_ = 0;
};

// The view, folded from that log by a projector that can be ended and begun again.
class FoldedTrails {
 public:
  explicit FoldedTrails(TrailHistory& history);

  // Folds up to the end of the log.
  void Fold() { StepToEnd(*projector_); }
  // The process ends, and another one opens what it left.
  void Restart();
  Projector& projector() { return *projector_; }
  const ViewSet& views() const { return *views_; }
  MemoryViewStore& store() { return store_; }

  Result<ReadView> Read(const Bytes& school = kSchoolA);
  TrailRows Rows(const Bytes& school = kSchoolA);
  // Every row, as text.
  std::string Dump() { return AllRows(*projector_, *views_, 2); }

 private:
  TrailHistory& history_;
  std::unique_ptr<const ViewSet> views_;
  MemoryViewStore store_;
  std::unique_ptr<Projector> projector_;
};

}  // namespace jalon::projections::testing
