// The writer's rows in a map, for tests: they go through their bytes with every change, so that a
// field that Fields forgets is lost here too.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "eventstore/base/check.h"
#include "eventstore/writer/application.h"
#include "eventstore/writer/state.h"

namespace jalon::domain {

class MemoryState final : public eventstore::StateView, public eventstore::StateEdit {
 public:
  explicit MemoryState(const eventstore::Application& application) : application_(application) {}

  eventstore::RowPtr Find(std::string_view key) override {
    const auto found = rows_.find(std::string(key));
    return found == rows_.end() ? nullptr : found->second;
  }
  eventstore::Row& Edit(std::string_view key, std::unique_ptr<eventstore::Row> (*make)()) override {
    std::shared_ptr<eventstore::Row>& row = rows_[std::string(key)];
    row = row == nullptr ? make() : row->Clone();
    return *row;
  }
  void Erase(std::string_view key) override { rows_.erase(std::string(key)); }

  // Every row through its bytes and back.
  void RoundTrip() {
    for (auto& [key, row] : rows_) {
      auto back = application_.DecodeRow(key, Bytes(*row), *this);
      JALON_CHECK(back.has_value());
      JALON_CHECK(Bytes(**back) == Bytes(*row));
      row = std::move(*back);
    }
  }
  // Key and bytes of every row.
  std::map<std::string, std::string> Dump() const {
    std::map<std::string, std::string> dump;
    for (const auto& [key, row] : rows_) dump[key] = Bytes(*row);
    return dump;
  }

 private:
  static std::string Bytes(const eventstore::Row& row) {
    std::string bytes;
    row.Encode(&bytes);
    return bytes;
  }

  const eventstore::Application& application_;
  std::map<std::string, std::shared_ptr<eventstore::Row>> rows_;
};

}  // namespace jalon::domain
