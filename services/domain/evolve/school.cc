// Events of the school: what they leave in its row.
#include "jalon/event/v1/school_events.pb.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

void Evolve(const event::v1::SchoolRegistered& registered, const Event& event, Rows& rows) {
  SchoolState& school = rows.School();
  school.version = event.version();
  school.code = registered.code();
  school.registered = event.Ref();
}

void Evolve(const event::v1::PolicySet& set, const Event& event, Rows& rows) {
  SchoolState& school = rows.School();
  school.version = event.version();
  school.policy.push_back({.key = set.setting().key(),
                           .effective_on = set.effective_on(),
                           .policy_version = set.policy_version(),
                           .setting = set.setting().SerializeAsString(),
                           .fact = event.Ref()});
}

}  // namespace

void RegisterSchoolEvents(Events& events) {
  events.Add<event::v1::SchoolRegistered>(Evolve);
  events.Add<event::v1::PolicySet>(Evolve);
}

}  // namespace jalon::domain
