#include "eventstore/vault/embedded/rewrap.h"

#include <optional>

#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

constexpr size_t kPersonBytes = 8;

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string EndOfPersons(std::string_view tenant) {
  return PersonRow(tenant, std::string(kPersonBytes, '\xff')) + '\0';
}
std::string EndOfLookups(std::string_view tenant) { return LookupRow(tenant, UINT32_MAX) + '\0'; }

Result<void> AddRewrapped(const std::string& row, std::string_view value, const Secret& from,
                          const Secret& to, Rows* rows) {
  auto wrapped = Unwrap(from, row, value);
  if (!wrapped) {
    return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
                "a wrapped key does not open, so that nothing is erased: the key store or the root "
                "key was changed; restore both from their backup");
  }
  rows->emplace_back(row, Wrap(to, row, wrapped->key, wrapped->made_at));
  return {};
}

}  // namespace

Result<Rows> Rewrapped(KeyStore& store, std::string_view tenant, const Secret& from,
                       const Secret& to,
                       const std::function<bool(std::string_view person)>& leave_out) {
  Rows rows;
  Result<void> added;
  JALON_RETURN_IF_ERROR(
      store.EachPerson(PersonRow(tenant, {}), [&](std::string_view of, std::string_view person,
                                                  std::string_view row, std::string_view value) {
        if (of != tenant) return false;
        if (!leave_out(person)) added = AddRewrapped(std::string(row), value, from, to, &rows);
        return added.has_value();
      }));
  JALON_RETURN_IF_ERROR(added);
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> years,
                         store.Rows(LookupRow(tenant, 0), EndOfLookups(tenant)));
  for (const std::string& row : years) {
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store.Get(row));
    if (value) JALON_RETURN_IF_ERROR(AddRewrapped(row, *value, from, to, &rows));
  }
  return rows;
}

Result<void> ForgetTenant(KeyStore& store, std::string_view tenant) {
  JALON_RETURN_IF_ERROR(store.Forget(LookupRow(tenant, 0), EndOfLookups(tenant)));
  return store.Forget(PersonRow(tenant, {}), EndOfPersons(tenant));
}

}  // namespace jalon::eventstore
