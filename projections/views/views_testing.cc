#include "projections/views/views_testing.h"

#include <google/protobuf/message.h>

#include "eventstore/base/check.h"
#include "jalon/event/v1/event_body.pb.h"

namespace jalon::projections::testing {

uint32_t TypeOf(const google::protobuf::Message& event) {
  const auto* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    if (registry->field(i)->message_type() == event.GetDescriptor()) {
      return static_cast<uint32_t>(registry->field(i)->number());
    }
  }
  JALON_CHECK(false);
}

FoldHarness::FoldHarness(std::unique_ptr<const View> view)
    : view_(std::move(view)), table_(*view_, store_.NewGeneration(), store_, true) {}

Fact FoldHarness::Fold(const google::protobuf::Message& event, std::string_view aggregate,
                       uint32_t occurred_on, std::string_view actor) {
  const std::string payload = event.SerializeAsString();
  ++seq_;
  const EventView view{.seq = Seq{seq_},
                       .index = static_cast<uint32_t>(seq_ % 3),
                       .recorded_at = static_cast<int64_t>(seq_) * 1'000'000,
                       .tenant = kSchool,
                       .type = TypeOf(event),
                       .aggregate = aggregate,
                       .subject = {},
                       .occurred_on = occurred_on,
                       .actor = actor,
                       .payload = payload};
  if (view_->Wants(view.type)) view_->Fold(view, table_);
  return {seq_, view.index, view.type, occurred_on, view.recorded_at};
}

std::vector<std::string> FoldHarness::Keys(const Key& prefix) {
  // Everything is written to the store, which knows the order.
  const auto batch = store_.NewBatch();
  for (const RowTable::Change& change : table_.TakeChanges()) {
    const std::string key = RowStoreKey(table_.generation(), change.key);
    if (change.row == nullptr) {
      batch->Delete(key);
      continue;
    }
    std::string bytes;
    change.row->Encode(&bytes);
    batch->Put(key, bytes);
  }
  EXPECT_TRUE(store_.Write(*batch));
  const std::string from =
      RowStoreKey(table_.generation(), std::string(kSchool) + std::string(prefix.view()));
  std::vector<std::string> keys;
  EXPECT_TRUE(
      store_.Snapshot()->Scan(from, EndOfPrefix(from), [&](std::string_view key, std::string_view) {
        keys.emplace_back(key.substr(from.size()));
        return true;
      }));
  return keys;
}

}  // namespace jalon::projections::testing
