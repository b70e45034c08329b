// Whom an external id names, from the events that say so.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "services/domain/registry.h"

namespace jalon::domain {

// `said`: an event with `identity` and `recognised_by`. A row of another school year stays beside.
// What the rows are found by is returned: whoever is erased takes them along.
template <typename Said>
std::vector<Bytes> LearnExternalId(const Said& said, std::string_view person_id, const Event& event,
                                   Rows& rows) {
  std::vector<Bytes> lookup_macs;
  const auto learn = [&](const auto& macs) {
    if (macs.lookup_mac().empty()) return;
    rows.Edit<ExternalIdState>(macs.lookup_mac()) = {
        .person_id = Bytes(person_id), .content_mac = macs.content_mac(), .fact = event.Ref()};
    lookup_macs.push_back(macs.lookup_mac());
  };
  learn(said.identity());
  if constexpr (requires { said.recognised_by(); }) learn(said.recognised_by());
  return lookup_macs;
}

// Who was recognised by these is recognised by them no more.
inline void Forget(const std::vector<Bytes>& lookup_macs, std::string_view person_id, Rows& rows) {
  for (const Bytes& lookup_mac : lookup_macs) {
    const auto known = rows.Find<ExternalIdState>(lookup_mac);
    if (known != nullptr && known->person_id == person_id) rows.Erase<ExternalIdState>(lookup_mac);
  }
}

// `known`: those of the person, of whom these are told.
inline void Remember(std::vector<Bytes> lookup_macs, std::vector<Bytes>* known) {
  for (Bytes& lookup_mac : lookup_macs) {
    if (std::ranges::find(*known, lookup_mac) == known->end()) {
      known->push_back(std::move(lookup_mac));
    }
  }
}

}  // namespace jalon::domain
