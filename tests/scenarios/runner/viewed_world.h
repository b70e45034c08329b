// The world without a server whose queries are answered by the real views and queries: every event
// of an accepted command is folded at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projections/engine/memory_store.h"
#include "projections/engine/row_table.h"
#include "projections/engine/view_set.h"
#include "services/api/queries/reader_testing.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/vault_testing.h"
#include "tests/scenarios/runner/local_world.h"

namespace jalon::scenarios {

class ViewedWorld final : public World {
 public:
  explicit ViewedWorld(Micros start);
  ~ViewedWorld() override;

  // The same world with queries answered from the writer's rows.
  LocalWorld& local() { return local_; }
  // From now on sections are sealed with keys of the vault, and queries open them.
  void SealWithKeys();
  api::TestVault& vault() { return vault_; }

  Result<Answer> Send(const domain::Principal& who, const google::protobuf::Message& command,
                      const type::v1::CommandHeader& header) override;
  Result<Answer> Query(const domain::Principal& who, const google::protobuf::Message& request,
                       google::protobuf::Message* response) override;
  Result<std::vector<log::v1::Event>> EventsOf(const Answer& answer) override {
    return local_.EventsOf(answer);
  }
  Result<Bytes> TransferKeyOf(const domain::Principal& who) override {
    return local_.TransferKeyOf(who);
  }
  Micros Now() const override { return local_.Now(); }
  Result<void> Advance(Micros by) override { return local_.Advance(by); }

 private:
  void Fold(const log::v1::Record& record);
  // Visits each event of the record, as a view is given it.
  static void ForEachEvent(const log::v1::Record& record,
                           const std::function<void(const projections::EventView&)>& visit);
  void TakeRows(std::string_view school_id, uint64_t seq);

  LocalWorld local_;
  const api::Queries queries_ = api::AllQueries();
  std::unique_ptr<const projections::ViewSet> views_;
  projections::MemoryViewStore store_;
  std::vector<std::unique_ptr<projections::RowTable>> tables_;  // by view
  std::map<Bytes, api::TestRows> rows_;                         // by school
  std::map<Bytes, std::unique_ptr<api::TestReader>> readers_;   // by school
  api::TestVault vault_;
  api::Opener opener_{vault_};
  const SystemClock clock_;  // of page tokens only
  api::PageTokens tokens_{vault_, clock_};
  api::Definitions definitions_;
  api::TrailNames trails_;  // nobody signs
};

}  // namespace jalon::scenarios
