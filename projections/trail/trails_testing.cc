#include "projections/trail/trails_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "eventstore/log/log_testing.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "projections/views/all_views.h"
#include "projections/views/trails.h"

namespace jalon::projections::testing {
namespace {

Partition PartitionOfSchool(const Bytes& school) { return Partition{school == kSchoolA ? 0u : 1u}; }

}  // namespace

log::v1::Event MakeReport(const Bytes& school, const Bytes& company, uint64_t index,
                          const std::string& payload) {
  log::v1::Event event;
  event.set_tenant(school);
  event.set_type(event::v1::EventBody::kActivityCompleted);
  event.set_aggregate_kind(type::v1::AGGREGATE_KIND_STAY);
  event.set_aggregate("student1stay0001");
  event.set_version(index + 1);
  event.set_occurred_on(20260907);
  event.set_payload(payload);
  if (company.empty()) return event;
  event.mutable_actor()->set_person("tutor001");
  event.mutable_trail()->set_key(company);
  event.mutable_trail()->set_index(index);
  event.mutable_trail()->set_recorded_at(1'788'000'000'000'000);
  return event;
}

TrailHistory::TrailHistory() : log_(eventstore::testing::TestBirth(2)), writer_(log_) {
  writer_.Claim(Partition{0});
  writer_.Claim(Partition{1});
}

void TrailHistory::Report(const Bytes& company, const Bytes& school) {
  auto& entries = entries_[{school, company}];
  record_.push_back(MakeReport(school, company, entries.size(), fmt::format("report {}", ++said_)));
  entries.push_back(record_.back().SerializeAsString());
}

void TrailHistory::Say(const Bytes& school) {
  ++said_;
  record_.push_back(MakeReport(school, {}, said_, fmt::format("of the school {}", said_)));
}

void TrailHistory::Emit(const Bytes& school) { Append(school, std::exchange(record_, {})); }

void TrailHistory::Append(const Bytes& school, const std::vector<log::v1::Event>& events) {
  writer_.Record(PartitionOfSchool(school), events);
}

void TrailHistory::AppendRandom(std::mt19937_64& random, size_t records) {
  for (size_t i = 0; i < records; ++i) {
    const Bytes& school = random() % 4 == 0 ? kSchoolB : kSchoolA;
    for (uint64_t left = random() % 5; left != 0; --left) {
      if (random() % 3 == 0) {
        Say(school);
      } else {
        Report(random() % 2 == 0 ? kGarage : kBakery, school);
      }
    }
    Emit(school);
    if (random() % 10 == 0) writer_.Copy(PartitionOfSchool(school));
    if (random() % 20 == 0) writer_.Claim(PartitionOfSchool(school));
  }
}

FoldedTrails::FoldedTrails(TrailHistory& history)
    : history_(history), views_(MakeOneView(kTrails, {})) {
  Restart();
}

void FoldedTrails::Restart() {
  projector_.reset();
  // Few rows stay in memory, so that folds read back what they wrote.
  projector_ = std::make_unique<Projector>(
      ProjectorOptions{.partitions = Partitions(2), .cached_row_bytes = 20'000}, history_.log(),
      store_, *views_);
  const Result<void> opened = projector_->Open();
  EXPECT_TRUE(opened) << opened.error().message;
}

Result<ReadView> FoldedTrails::Read(const Bytes& school) {
  return projector_->publication().Read(PartitionOfSchool(school), school);
}

TrailRows FoldedTrails::Rows(const Bytes& school) {
  auto view = Read(school);
  EXPECT_TRUE(view) << view.error().message;
  return view ? RowsOf(*std::move(view)) : TrailRows{};
}

}  // namespace jalon::projections::testing
