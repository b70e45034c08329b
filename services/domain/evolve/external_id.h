// Whom an external id names, from the events that say so.
#pragma once

#include "services/domain/registry.h"

namespace jalon::domain {

// `said`: an event with `identity` and `recognised_by`. A row of another school year stays beside.
template <typename Said>
void LearnExternalId(const Said& said, std::string_view person_id, const Event& event, Rows& rows) {
  const auto learn = [&](const auto& macs) {
    if (macs.lookup_mac().empty()) return;
    rows.Edit<ExternalIdState>(macs.lookup_mac()) = {
        .person_id = Bytes(person_id), .content_mac = macs.content_mac(), .fact = event.Ref()};
  };
  learn(said.identity());
  learn(said.recognised_by());
}

}  // namespace jalon::domain
