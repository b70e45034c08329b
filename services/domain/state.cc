#include "services/domain/state.h"

#include "eventstore/base/check.h"
#include "services/domain/event.h"
#include "services/domain/registry.h"

namespace jalon::domain {

eventstore::RowPtr Overlay::Find(std::string_view key) {
  const auto found = changed_.find(key);
  return found == changed_.end() ? below_.Find(key) : found->second;
}

eventstore::Row& Overlay::Edit(std::string_view key, std::unique_ptr<eventstore::Row> (*make)()) {
  std::shared_ptr<eventstore::Row> row;
  const auto found = changed_.find(key);
  if (found != changed_.end() && found->second != nullptr) {
    // Whoever decides may still hold the row as it was.
    row = found->second.use_count() == 1 ? found->second : found->second->Clone();
  } else {
    const eventstore::RowPtr below = found == changed_.end() ? below_.Find(key) : nullptr;
    row = below == nullptr ? make() : below->Clone();
  }
  return *changed_.insert_or_assign(std::string(key), std::move(row)).first->second;
}

void Overlay::Erase(std::string_view key) { changed_.insert_or_assign(std::string(key), nullptr); }

void State::Apply(std::string_view encoded, const log::v1::Actor& actor, const FactRef& place) {
  if (!overlay_) {
    overlay_.emplace(*view_);
    view_ = &*overlay_;
  }
  school_ = nullptr;
  log::v1::Event envelope;
  JALON_CHECK(envelope.ParseFromArray(encoded.data(), static_cast<int>(encoded.size())));
  Rows rows(*overlay_, school_id_);
  const Event event{.envelope = envelope,
                    .actor = envelope.has_actor() ? envelope.actor() : actor,
                    .seq = place.seq,
                    .index = place.index,
                    .recorded_at = place.recorded_at};
  JALON_CHECK(events_.Evolve(event, rows));
}

}  // namespace jalon::domain
