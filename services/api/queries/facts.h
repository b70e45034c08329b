// From facts of rows to what answers cite and to what the domain's rules are asked with.
#pragma once

#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/actor.pb.h"
#include "jalon/type/v1/position.pb.h"
#include "projections/views/catalogue_rows.h"
#include "projections/views/fact.h"
#include "projections/views/stay_row.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/module_minutes.h"
#include "services/domain/model/school.h"
#include "services/domain/refusals.h"

namespace jalon::api {

inline domain::FactRef RefOf(const projections::Fact& fact) {
  return {.seq = fact.seq,
          .index = fact.index,
          .type = fact.type,
          .occurred_on = fact.occurred_on,
          .recorded_at = fact.recorded_at};
}

// REQUIRES: the fact is not none.
inline type::v1::EventRef EventOf(const projections::Fact& fact) {
  return domain::ToProto(RefOf(fact));
}

// Who acted, from an encoded jalon.type.v1.Actor. `shown` stays empty if the bytes are none.
void ShowActor(const Bytes& actor, type::v1::Actor* shown);

// What domain::Policy asks of a school.
domain::SchoolState PolicyStateOf(const projections::SchoolRow& school);

std::vector<domain::ModuleMinutes> MinutesOf(const std::vector<projections::ModuleShare>& shares);

}  // namespace jalon::api
