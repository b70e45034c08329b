// For tests of views: folds single events into one view, and reads its rows.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventstore/base/archive.h"
#include "projections/engine/memory_store.h"
#include "projections/engine/row_table.h"
#include "projections/engine/view.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"
#include "projections/views/key.h"

namespace google::protobuf {
class Message;
}

namespace jalon::projections::testing {

inline constexpr std::string_view kSchool = "school-of-16-byt";

// The number under which the registry of events knows messages like `event`.
uint32_t TypeOf(const google::protobuf::Message& event);

// The ids of tests: letters, so that a failure can be read. `name` has at most the id's bytes.
template <size_t kSize>
Id<kSize> MakeId(std::string name) {
  name.resize(kSize, '.');
  return Id<kSize>::Of(name);
}
inline PersonId Person(const std::string& name) { return MakeId<8>(name); }
inline StayId Stay(const std::string& student, const std::string& name) {
  return StayId::Of(std::string(Person(student).View()) + std::string(MakeId<8>(name).View()));
}

class FoldHarness {
 public:
  explicit FoldHarness(std::unique_ptr<const View> view);

  // Folds one event, in a record of its own, if the view wants it; returns its place.
  Fact Fold(const google::protobuf::Message& event, std::string_view aggregate,
            uint32_t occurred_on = 20260901, std::string_view actor = "actor");

  // The row under this key, which lacks the school.
  template <typename T>
  std::optional<T> Row(const Key& key) {
    const ViewRow* row = table_.Find(std::string(kSchool) + std::string(key.view()));
    if (row == nullptr) return std::nullopt;
    std::string bytes;
    row->Encode(&bytes);
    std::optional<T> value(std::in_place);
    EXPECT_TRUE(Decode(bytes, &*value));
    return value;
  }
  template <typename T>
  T Get(const Key& key) {
    std::optional<T> row = Row<T>(key);
    EXPECT_TRUE(row.has_value());
    return row ? *std::move(row) : T{};
  }
  // The keys of all rows that begin with `prefix`, without the school and the prefix.
  std::vector<std::string> Keys(const Key& prefix);

 private:
  std::unique_ptr<const View> view_;
  MemoryViewStore store_;
  RowTable table_;
  uint64_t seq_ = 0;
};

}  // namespace jalon::projections::testing
