// ListStays: by planned first day, then by id. A coordinator sees the school's; a teacher those in
// scope; a signatory those of the company; a tutor their own.
#include <algorithm>
#include <optional>
#include <vector>

#include "jalon/placement/v1/placement_query_service.pb.h"
#include "projections/views/stay_index_row.h"
#include "projections/views/stays.h"
#include "services/api/queries/access.h"
#include "services/api/queries/page.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/stay_summary.h"

namespace jalon::api {
namespace {

using placement::v1::ListStaysRequest;
using placement::v1::ListStaysResponse;
using projections::StayIndexRow;
using projections::StayRow;

bool Matches(const StayIndexRow& row, const ListStaysRequest& request) {
  const auto& states = request.states();
  if (!states.empty() && std::ranges::find(states, row.state) == states.end()) return false;
  const auto differs = [](const std::string& wanted, std::string_view id) {
    return !wanted.empty() && wanted != id;
  };
  if (differs(request.company_id(), row.company_id.View()) ||
      differs(request.student_id(), StudentOf(row.stay_id).View()) ||
      differs(request.sequence_id(), row.sequence_id.View())) {
    return false;
  }
  if (request.from_on() != 0 && row.LastDay() < request.from_on()) return false;
  return request.until_on() == 0 || row.FirstDay() <= request.until_on();
}

// Of the students of a cohort: an enrolment, so the stays of that programme.
Result<bool> IsOfCohort(const StayRow& stay, const Bytes& cohort_id, LookUp& look_up) {
  if (cohort_id.empty()) return true;
  JALON_ASSIGN_OR_RETURN(const auto* student, look_up.Student(StudentOf(stay.stay_id)));
  return student != nullptr && std::ranges::any_of(student->enrolments, [&](const auto& enrolment) {
           return enrolment.programme.code == stay.programme_code &&
                  enrolment.cohort_id.View() == cohort_id;
         });
}

// The list that holds all that can match.
projections::Key ListOf(const ListStaysRequest& request, const domain::Principal& caller) {
  if (caller.IsCompany()) return projections::StaysByCompanyPrefix(CompanyOf(caller));
  if (!request.company_id().empty()) {
    return projections::StaysByCompanyPrefix(projections::CompanyId::Of(request.company_id()));
  }
  return projections::StaysByDatePrefix();
}

Result<void> Answer(const ListStaysRequest& request, const QueryContext& context,
                    ListStaysResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, projections::kStaysVersion));
  LookUp look_up(context);
  Result<void> fault;
  // Whether the stay is shown, read whole; an error ends the answer.
  const auto show = [&](const projections::StayId& stay_id) -> Result<void> {
    JALON_ASSIGN_OR_RETURN(const std::optional<StayRow> stay, ReadStay(context, stay_id));
    if (!stay || !MaySeeStay(context, *stay)) return {};
    JALON_ASSIGN_OR_RETURN(const bool of_cohort, IsOfCohort(*stay, request.cohort_id(), look_up));
    if (!of_cohort) return {};
    page.Take();
    return Summarise(*stay, context, look_up, response->add_stays());
  };
  JALON_RETURN_IF_ERROR(context.rows().Each<StayIndexRow>(
      projections::kStays, ListOf(request, context.principal), page.after(),
      [&](std::string_view key, const StayIndexRow& row) {
        if (!page.Reads(key)) return false;
        if (Matches(row, request)) fault = show(row.stay_id);
        return fault.has_value();
      }));
  JALON_RETURN_IF_ERROR(fault);
  page.Finish(response->mutable_page());
  return {};
}

}  // namespace

void RegisterListStays(Queries& queries) {
  queries.Add<ListStaysRequest, ListStaysResponse>(Answer);
}

}  // namespace jalon::api
