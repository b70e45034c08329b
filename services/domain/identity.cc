#include "services/domain/identity.h"

#include <string>

namespace jalon::domain {

IdentityLookup LookUpPerson(const Bytes& person_id, const person::v1::IdentitySection& identity,
                            State& state) {
  IdentityLookup lookup;
  if (!person_id.empty()) {
    lookup.person_id = person_id;
    lookup.not_found = state.Person(person_id) == nullptr && state.Student(person_id) == nullptr;
    lookup.described_twice = identity.has_sealed();
    const auto* erasure = state.Find<ErasureState>(person_id);
    if (erasure != nullptr) lookup.erased = erasure->erased;
    return lookup;
  }
  if (!identity.has_sealed()) {
    lookup.missing = true;
    return lookup;
  }
  const type::v1::Sealed& sealed = identity.sealed();
  const ExternalIdState* known =
      sealed.lookup_mac().empty() ? nullptr : state.ExternalId(sealed.lookup_mac());
  const Bytes* content = &sealed.content_mac();
  for (const type::v1::LookupMacs& other : sealed.other_years()) {
    if (known != nullptr) break;
    known = state.ExternalId(other.lookup_mac());
    content = &other.content_mac();
    lookup.of_another_year = known != nullptr;
  }
  if (known == nullptr) {
    lookup.person_id = sealed.subject();
    lookup.is_new = true;
    return lookup;
  }
  lookup.person_id = known->person_id;
  if (known->content_mac != *content) lookup.conflict = known;
  return lookup;
}

void IdentityLookup::Check(std::string_view path, Refusals& refusals) const {
  const std::string identity = std::string(path).append("identity");
  refusals.If(missing, Reason::FIELD_REQUIRED, identity);
  refusals.If(described_twice, Reason::FIELD_INVALID, identity);
  refusals.If(not_found, Reason::NOT_FOUND, std::string(path).append("person_id"));
  if (erased.seq != 0) {
    refusals.Add(Violation{.reason = Reason::PERSON_ERASED, .facts = {erased}});
  }
  if (conflict != nullptr) {
    refusals.Add(Reason::EXTERNAL_ID_CONFLICT, identity, {conflict->fact});
  }
}

}  // namespace jalon::domain
