#include "services/domain/decide/gap.h"

#include "eventstore/base/hash.h"

namespace jalon::domain {

void CheckMitigation(const company::v1::Mitigation& mitigation, const Context& context,
                     State& state, Refusals& refusals) {
  const PersonState* owner = state.Person(mitigation.owner_id());
  refusals.Unless(owner != nullptr && owner->IsStaff(context.today()), Reason::NOT_SCHOOL_STAFF,
                  ToHex(mitigation.owner_id()));
}

void CheckGap(const company::v1::Gap& gap, const SequenceVersion& version, const Context& context,
              State& state, Refusals& refusals) {
  for (const std::string& activity : gap.activities()) {
    refusals.If(version.FindActivity(activity) == nullptr, Reason::ACTIVITY_NOT_IN_SEQUENCE,
                activity);
  }
  if (gap.has_mitigation()) CheckMitigation(gap.mitigation(), context, state, refusals);
}

event::v1::ResourceGapReported GapReported(uint32_t number, const Bytes& sequence_id,
                                           const Bytes& stay_id, const company::v1::Gap& gap) {
  event::v1::ResourceGapReported reported;
  reported.set_gap_number(number);
  reported.set_sequence_id(sequence_id);
  reported.set_stay_id(stay_id);
  *reported.mutable_gap() = gap;
  return reported;
}

}  // namespace jalon::domain
