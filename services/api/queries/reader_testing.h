// Rows in a map, for tests of queries.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/api/queries/reader.h"

namespace jalon::api {

// By view ‖ "/" ‖ key.
using TestRows = std::map<std::string, std::string>;

class TestReader final : public Reader {
 public:
  TestReader(TestRows rows, type::v1::AsOf as_of)
      : rows_(std::move(rows)), as_of_(std::move(as_of)) {}

  const type::v1::AsOf& as_of() const override { return as_of_; }
  const eventstore::ChainHead& head() const override { return head_; }
  Result<std::optional<std::string>> Get(std::string_view view,
                                         std::string_view key) const override {
    const auto found = rows_.find(Base(view).append(key));
    if (found == rows_.end()) return std::nullopt;
    return found->second;
  }
  Result<void> Scan(std::string_view view, std::string_view prefix, std::string_view after,
                    const Visit& visit) const override {
    const std::string base = Base(view);
    const std::string whole = base + std::string(prefix);
    auto at =
        after.empty() ? rows_.lower_bound(whole) : rows_.upper_bound(base + std::string(after));
    for (; at != rows_.end() && at->first.starts_with(whole); ++at) {
      if (!visit(std::string_view(at->first).substr(base.size()), at->second)) break;
    }
    return {};
  }

  template <typename Row>
  void Put(std::string_view view, std::string_view key, const Row& row) {
    std::string bytes;
    Encode(row, &bytes);
    rows_[Base(view).append(key)] = std::move(bytes);
  }

 private:
  static std::string Base(std::string_view view) { return std::string(view) + "/"; }

  TestRows rows_;
  type::v1::AsOf as_of_;
  const eventstore::ChainHead head_;  // nobody reads on from rows in a map
};

inline type::v1::AsOf TestAsOf(uint64_t seq, std::string incarnation = std::string(16, 'L'),
                               uint32_t partition = 0) {
  type::v1::AsOf as_of;
  as_of.mutable_position()->set_log_incarnation(std::move(incarnation));
  as_of.mutable_position()->set_partition(partition);
  as_of.mutable_position()->set_seq(seq);
  as_of.set_recorded_at(static_cast<int64_t>(seq) * 1000);
  return as_of;
}

}  // namespace jalon::api
