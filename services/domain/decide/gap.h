// What holds for a resource gap, whichever command states it (R13).
#pragma once

#include "jalon/company/v1/resource.pb.h"
#include "jalon/event/v1/company_events.pb.h"
#include "services/domain/context.h"
#include "services/domain/refusals.h"
#include "services/domain/state.h"

namespace jalon::domain {

// Who sees to a mitigation is a member of the school's staff.
void CheckMitigation(const company::v1::Mitigation& mitigation, const Context& context,
                     State& state, Refusals& refusals);

// A gap touches activities of the sequence version; its mitigation, if there is one, holds.
void CheckGap(const company::v1::Gap& gap, const SequenceVersion& version, const Context& context,
              State& state, Refusals& refusals);

event::v1::ResourceGapReported GapReported(uint32_t number, const Bytes& sequence_id,
                                           const Bytes& stay_id, const company::v1::Gap& gap);

}  // namespace jalon::domain
