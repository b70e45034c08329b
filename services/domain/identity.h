// Who a command is about, when it may make a person known: a person by id, by external id, or a new
// one. One human has one id and one key, whatever the roles.
#pragma once

#include <string_view>

#include "eventstore/base/ids.h"
#include "jalon/person/v1/person.pb.h"
#include "services/domain/refusals.h"
#include "services/domain/state.h"

namespace jalon::domain {

struct IdentityLookup {
  Bytes person_id;               // empty: nobody
  bool is_new = false;           // comes to exist by this command, with the sealed identity
  bool not_found = false;        // named by an id that nobody has
  FactRef erased;                // the person was erased then; none: is not
  bool missing = false;          // neither named nor described
  bool described_twice = false;  // named by id and described all the same
  const ExternalIdState* conflict = nullptr;  // the external id belongs to other details
  bool of_another_year = false;  // recognised by the look-up key of another school year

  // FIELD_REQUIRED, FIELD_INVALID, NOT_FOUND, PERSON_ERASED, EXTERNAL_ID_CONFLICT. `path`: what
  // stands before the fields person_id and identity.
  void Check(std::string_view path, Refusals& refusals) const;

  // What an event of this person keeps: who a new one is; and, of one recognised by another year's
  // key, the MACs of this year.
  template <typename Event>
  void Describe(const person::v1::IdentitySection& identity, Event& event) const {
    if (is_new) {
      *event.mutable_identity() = identity.sealed();
      event.mutable_identity()->clear_other_years();
    } else if (of_another_year) {
      event.mutable_recognised_by()->set_lookup_mac(identity.sealed().lookup_mac());
      event.mutable_recognised_by()->set_content_mac(identity.sealed().content_mac());
    }
  }
};

IdentityLookup LookUpPerson(const Bytes& person_id, const person::v1::IdentitySection& identity,
                            State& state);

}  // namespace jalon::domain
