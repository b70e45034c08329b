// One way to sweep a vault, wherever its keys lie: page by page, so that neither a message nor
// memory grows with the number of persons.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore {

inline constexpr size_t kSweptPerPage = 1024;

// Vault::Sweep by means of a vault's OldKeys and RemoveOldKeys (local_vault.h). A key that is made
// meanwhile is too new to be removed.
template <typename Paged>
Result<size_t> SweepInPages(
    Paged& vault, Micros made_before,
    const std::function<bool(std::string_view tenant, std::string_view person)>& is_named) {
  size_t removed = 0;
  std::optional<PersonName> last;
  while (true) {
    JALON_ASSIGN_OR_RETURN(std::vector<PersonName> page,
                           vault.OldKeys(made_before, last, kSweptPerPage));
    const bool is_last = page.size() < kSweptPerPage;
    if (!is_last) last = page.back();
    std::erase_if(page, [&](const PersonName& name) { return is_named(name.tenant, name.person); });
    if (!page.empty()) {
      JALON_ASSIGN_OR_RETURN(const size_t count, vault.RemoveOldKeys(made_before, page));
      removed += count;
    }
    if (is_last) return removed;
  }
}

}  // namespace jalon::eventstore
