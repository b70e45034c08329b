#include "services/domain/record.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "services/domain/event.h"
#include "services/domain/model/imported_transfer.h"
#include "services/domain/model/placement.h"
#include "services/domain/model/published_log.h"
#include "services/domain/model/signer_claim.h"
#include "services/domain/state.h"

namespace jalon::domain {
namespace {

using RowTypes =
    std::tuple<SchoolState, PersonState, ProgrammeState, SequenceState, CompanyState, TrailState,
               StudentState, ExternalIdState, SiteState, PlacementState, TrainingPlan, ErasureState,
               PublishedLogState, SignerClaimState, ImportedTransferState>;

template <typename T, typename FindPlan>
std::unique_ptr<eventstore::Row> DecodeAs(std::string_view bytes, FindPlan find_plan) {
  auto row = std::make_unique<StateRow<T>>();
  if (!Decode(bytes, &row->value)) return nullptr;
  if constexpr (requires { row->value.Resolve(find_plan); }) {
    if (!row->value.Resolve(find_plan)) return nullptr;
  }
  return row;
}

template <size_t... kIndex, typename FindPlan>
std::unique_ptr<eventstore::Row> DecodeKind(RowKind kind, std::string_view bytes,
                                            FindPlan find_plan, std::index_sequence<kIndex...>) {
  std::unique_ptr<eventstore::Row> row;
  ((std::tuple_element_t<kIndex, RowTypes>::kKind == kind
        ? void(row = DecodeAs<std::tuple_element_t<kIndex, RowTypes>>(bytes, find_plan))
        : void()),
   ...);
  return row;
}

}  // namespace

Result<void> EvolveRecord(const Events& events, const log::v1::Record& record,
                          eventstore::StateEdit& edit) {
  Rows rows(edit, record.tenant());
  log::v1::Event envelope;
  for (int i = 0; i < record.events_size(); ++i) {
    if (!envelope.ParseFromString(record.events(i))) {
      return Fail(Code::kDataLoss, "PARTITION_DIVERGED",
                  fmt::format("record {}: event {} is no event; restore the log from its backup",
                              record.seq(), i));
    }
    const Event event{.envelope = envelope,
                      .actor = envelope.has_actor() ? envelope.actor() : record.actor(),
                      .seq = record.seq(),
                      .index = static_cast<uint32_t>(i),
                      .recorded_at = record.recorded_at()};
    if (!events.Evolve(event, rows)) {
      return Fail(Code::kDataLoss, "PARTITION_DIVERGED",
                  fmt::format("record {}: event {} of type {} is not known or malformed; upgrade "
                              "this node or restore the log from its backup",
                              record.seq(), i, envelope.type()));
    }
  }
  return {};
}

Result<std::unique_ptr<eventstore::Row>> DecodeStateRow(std::string_view key,
                                                        std::string_view bytes,
                                                        eventstore::StateView& state) {
  const auto find_plan = [&](const Hash& digest) {
    return FindRow<TrainingPlan>(state, key.substr(0, kSchoolIdBytes), View(digest));
  };
  std::unique_ptr<eventstore::Row> row;
  if (key.size() > kSchoolIdBytes) {
    row = DecodeKind(static_cast<RowKind>(key[kSchoolIdBytes]), bytes, find_plan,
                     std::make_index_sequence<std::tuple_size_v<RowTypes>>());
  }
  if (row == nullptr) {
    return Fail(Code::kDataLoss, "PARTITION_DIVERGED",
                "a row of the writer's state is damaged; delete state/ to rebuild it from the log");
  }
  return row;
}

}  // namespace jalon::domain
