// ListMakeUps: what the school owes, those not planned first, then by due date (R14). Age and
// overdue are counted for today, here and not in the view.
#include <algorithm>

#include "jalon/duty/v1/duty_service.pb.h"
#include "projections/views/make_up_row.h"
#include "projections/views/make_ups.h"
#include "services/api/queries/access.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using duty::v1::ListMakeUpsRequest;
using duty::v1::ListMakeUpsResponse;
using projections::MakeUpRow;

bool IsOwed(int state) {
  return state == type::v1::MAKE_UP_STATE_REQUIRED || state == type::v1::MAKE_UP_STATE_PLANNED;
}

// The list that holds what is asked for: owed, closed, or both with the owed ones first.
projections::Key ListOf(const ListMakeUpsRequest& request) {
  const auto& states = request.states();
  if (std::ranges::all_of(states, IsOwed)) return projections::MakeUpsPrefix(false);
  if (std::ranges::none_of(states, IsOwed)) return projections::MakeUpsPrefix(true);
  return projections::AllMakeUpsPrefix();
}

bool Matches(const MakeUpRow& row, const ListMakeUpsRequest& request) {
  const auto& states = request.states();
  if (!states.empty() && std::ranges::find(states, row.state) == states.end()) return false;
  if (!request.owner_id().empty() && row.owner_id.Str() != request.owner_id()) return false;
  if (!request.student_id().empty() && StudentOf(row.stay_id).View() != request.student_id()) {
    return false;
  }
  if (!request.module().empty() &&
      std::ranges::find(row.modules, request.module()) == row.modules.end()) {
    return false;
  }
  return request.due_until_on() == 0 || (row.due_on != 0 && row.due_on <= request.due_until_on());
}

// Whether the make-up is in a teacher's scope: of one of the modules, or of a stay that the teacher
// supervises.
Result<bool> Sees(const QueryContext& context, const MakeUpRow& row) {
  if (!context.scope.IsLimited()) return true;
  JALON_ASSIGN_OR_RETURN(const auto stay, ReadStay(context, row.stay_id));
  if (!stay) return false;
  domain::Matter matter{.student_id = row.stay_id.View().substr(0, domain::kPersonIdBytes),
                        .programme_code = stay->programme_code};
  for (const std::string& module : row.modules) matter.modules.push_back(module);
  return context.scope.Covers(matter) || Supervises(context, *stay);
}

void Show(const MakeUpRow& row, domain::LocalDate today, duty::v1::MakeUpRow* shown) {
  shown->set_stay_id(row.stay_id.Str());
  shown->set_student_id(StudentOf(row.stay_id).Str());
  shown->set_activity(row.activity);
  for (const std::string& module : row.modules) shown->add_modules(module);
  shown->set_state(row.state);
  shown->set_outcome(row.outcome);
  shown->set_cause(row.cause);
  shown->set_owner_id(row.owner_id.Str());
  shown->set_due_on(row.due_on);
  shown->set_session_id(row.session_id.Str());
  const domain::LocalDate required_on = row.required.occurred_on;
  const domain::LocalDate until = row.closed_on != 0 ? row.closed_on : today;
  shown->set_required_on(required_on);
  if (domain::IsDate(required_on) && required_on < until) {
    shown->set_age_days(static_cast<uint32_t>(domain::DaysBetween(required_on, until)));
  }
  shown->set_overdue(row.state == type::v1::MAKE_UP_STATE_PLANNED && row.due_on < today);
  shown->set_discharge(row.discharge);
  shown->set_closed_on(row.closed_on);
  *shown->mutable_required() = EventOf(row.required);
  *shown->mutable_latest() = EventOf(row.latest);
}

Result<void> Answer(const ListMakeUpsRequest& request, const QueryContext& context,
                    ListMakeUpsResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, projections::kMakeUpsVersion));
  LookUp look_up(context);
  Result<void> fault;
  const auto show = [&](const MakeUpRow& row) -> Result<void> {
    JALON_ASSIGN_OR_RETURN(const bool sees, Sees(context, row));
    if (!sees) return {};
    JALON_ASSIGN_OR_RETURN(const auto* erased, look_up.Erased(StudentOf(row.stay_id)));
    page.Take();
    duty::v1::MakeUpRow* shown = response->add_make_ups();
    Show(row, context.today, shown);
    if (erased != nullptr) *shown->mutable_erased() = EventOf(*erased);
    return {};
  };
  JALON_RETURN_IF_ERROR(
      context.rows().Each<MakeUpRow>(projections::kMakeUps, ListOf(request), page.after(),
                                     [&](std::string_view key, const MakeUpRow& row) {
                                       if (!page.Reads(key)) return false;
                                       if (Matches(row, request)) fault = show(row);
                                       return fault.has_value();
                                     }));
  JALON_RETURN_IF_ERROR(fault);
  page.Finish(response->mutable_page());
  response->set_today_on(context.today);
  return {};
}

}  // namespace

void RegisterListMakeUps(Queries& queries) {
  queries.Add<ListMakeUpsRequest, ListMakeUpsResponse>(Answer);
}

}  // namespace jalon::api
