// Events of rectification: who the person is from now on. The words stay in the log.
#include <utility>
#include <vector>

#include "jalon/event/v1/correction_events.pb.h"
#include "services/domain/evolve/external_id.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// The person is recognised by the new external id alone: the former one may be somebody else's.
template <typename Known>
void Recognise(const event::v1::CorrectionRecorded& corrected, const Event& event, Rows& rows) {
  if (rows.Find<Known>(event.subject()) == nullptr) return;
  Forget(std::exchange(rows.Edit<Known>(event.subject()).lookup_macs, {}), event.subject(), rows);
  std::vector<Bytes> lookup_macs = LearnExternalId(corrected, event.subject(), event, rows);
  Known& known = rows.Edit<Known>(event.subject());
  Remember(std::move(lookup_macs), &known.lookup_macs);
  known.identity = event.Ref();
}

void Evolve(const event::v1::CorrectionRecorded& corrected, const Event& event, Rows& rows) {
  rows.Edit<ErasureState>(event.aggregate()).version = event.version();
  Recognise<StudentState>(corrected, event, rows);
  Recognise<PersonState>(corrected, event, rows);
}

void Evolve(const event::v1::StatementRecorded&, const Event& event, Rows& rows) {
  rows.Edit<ErasureState>(event.aggregate()).version = event.version();
}

}  // namespace

void RegisterCorrectionEvents(Events& events) {
  events.Add<event::v1::CorrectionRecorded>(Evolve);
  events.Add<event::v1::StatementRecorded>(Evolve);
}

}  // namespace jalon::domain
