// GetStartReadiness: what would refuse the start of a stay, or of all stays of a cohort that have
// not started, by StartStay's own function (R5, R10, R13, R19, R22).
#include <algorithm>
#include <optional>
#include <vector>

#include "jalon/placement/v1/placement_query_service.pb.h"
#include "projections/views/stay_index_row.h"
#include "projections/views/stays.h"
#include "projections/views/student_progress.h"
#include "services/api/queries/access.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/rule_facts.h"
#include "services/api/queries/stay_summary.h"
#include "services/domain/explain.h"
#include "services/domain/model/company.h"
#include "services/domain/subject.h"

namespace jalon::api {
namespace {

using placement::v1::GetStartReadinessRequest;
using placement::v1::GetStartReadinessResponse;
using placement::v1::StayReadiness;
using projections::CohortMemberRow;
using projections::StayIndexRow;
using projections::StayRow;

// What a decision on that day starts from.
struct Start {
  const QueryContext& context;
  LookUp& look_up;
  const domain::Policy& policy;
  domain::LocalDate on;
};

// R10: the first day on which the start would be over the seats, counted as the writer counts them
// from the same stays. Nobody looks where the start is on a planned day: that one is booked.
Result<void> CountSeats(const StayRow& stay, const projections::CompanyRow& company,
                        const Start& start, domain::StartReadinessFacts* facts) {
  if (stay.starts_on <= start.on && start.on <= stay.ends_on) return {};
  domain::CompanyState seats;
  for (const projections::CapacityFacts& capacity : company.capacities) {
    seats.capacities.push_back({.from_on = capacity.from_on,
                                .until_on = capacity.until_on,
                                .seats = capacity.seats,
                                .reach = {},
                                .fact = RefOf(capacity.declared)});
  }
  JALON_RETURN_IF_ERROR(start.context.rows().Each<StayIndexRow>(
      projections::kStays, projections::StaysByCompanyPrefix(stay.company_id), {},
      [&](std::string_view, const StayIndexRow& other) {
        if (other.state == type::v1::STAY_STATE_CANCELLED) return true;
        seats.Book(other.starts_on, other.ends_on, 1);
        if (other.started_on == 0) return true;
        seats.BookStart(other.starts_on, other.ends_on, other.started_on);
        if (other.ended_on == 0) return true;
        seats.FreeAfter(other.starts_on, other.ends_on, other.started_on, other.ended_on);
        return true;
      }));
  facts->full_on = seats.FirstFullDayOfStart(stay.starts_on, stay.ends_on, start.on);
  if (facts->full_on != 0) facts->full = seats.CapacityOn(facts->full_on)->fact;
  return {};
}

Result<domain::StartReadiness> ReadinessOf(const StayRow& stay,
                                           const projections::CompanyRow* company,
                                           const Start& start) {
  if (stay.state != type::v1::STAY_STATE_PLANNED) {
    return domain::StartReadiness{
        .lacking = {{.reason = domain::Reason::STAY_NOT_PLANNED,
                     .subjects = {domain::SubjectOf(stay.stay_id.Str())},
                     .cause = {},
                     .facts = domain::SortedFacts({RefOf(stay.started), RefOf(stay.ended)}),
                     .rule = {}}},
        .warnings = {}};
  }
  domain::StartReadinessFacts facts = StartReadinessFactsOf(stay, company, start.policy, start.on);
  if (company != nullptr) JALON_RETURN_IF_ERROR(CountSeats(stay, *company, start, &facts));
  return domain::ReadinessToStart(facts, start.on);
}

Result<void> Show(const StayRow& stay, const Start& start, StayReadiness* shown) {
  JALON_ASSIGN_OR_RETURN(const auto* company, start.look_up.Company(stay.company_id));
  JALON_ASSIGN_OR_RETURN(const domain::StartReadiness readiness, ReadinessOf(stay, company, start));
  shown->set_ready(readiness.ready());
  for (const domain::Violation& lack : readiness.lacking) {
    *shown->add_refusals() = domain::Explained(lack, start.context.language);
  }
  for (const domain::Violation& warning : readiness.warnings) {
    *shown->add_warnings() = domain::Explained(warning, start.context.language);
  }
  return Summarise(stay, start.context, start.look_up, shown->mutable_stay());
}

Result<void> ShowOne(const Bytes& stay_id, const Start& start,
                     GetStartReadinessResponse* response) {
  JALON_ASSIGN_OR_RETURN(const std::optional<StayRow> stay,
                         ReadStay(start.context, projections::StayId::Of(stay_id)));
  if (!stay || !MaySeeStay(start.context, *stay)) return NotFound();
  return Show(*stay, start, response->add_stays());
}

// The stays of the member's programme that have not started, by first day.
Result<std::vector<StayRow>> PlannedStaysOf(const CohortMemberRow& member, const Start& start) {
  std::vector<StayRow> stays;
  Result<void> fault;
  JALON_RETURN_IF_ERROR(start.context.rows().Each<StayRow>(
      projections::kStudentProgress, projections::StaysPrefix(member.student_id), {},
      [&](std::string_view, StayRow stay) {
        if (stay.state != type::v1::STAY_STATE_PLANNED ||
            stay.programme_code != member.programme_code) {
          return true;
        }
        fault = ReadPlan(start.context, &stay);
        if (fault && MaySeeStay(start.context, stay)) stays.push_back(std::move(stay));
        return fault.has_value();
      }));
  JALON_RETURN_IF_ERROR(fault);
  std::ranges::sort(stays, {},
                    [](const StayRow& stay) { return std::pair(stay.starts_on, stay.stay_id); });
  return stays;
}

// A page ends after a member: it may hold a few stays more than were asked for.
Result<void> ShowCohort(const GetStartReadinessRequest& request, const Start& start,
                        GetStartReadinessResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, start.context, projections::kStaysVersion));
  const auto prefix =
      projections::CohortMembersPrefix(projections::CohortId::Of(request.cohort_id()));
  Result<void> fault;
  JALON_RETURN_IF_ERROR(start.context.rows().Each<CohortMemberRow>(
      projections::kStays, prefix, page.after(),
      [&](std::string_view key, const CohortMemberRow& member) {
        if (!page.Reads(key)) return false;
        const auto stays = PlannedStaysOf(member, start);
        if (!stays) fault = std::unexpected(stays.error());
        for (size_t i = 0; fault && i < stays->size(); ++i) {
          page.Take();
          fault = Show((*stays)[i], start, response->add_stays());
        }
        return fault.has_value();
      }));
  JALON_RETURN_IF_ERROR(fault);
  page.Finish(response->mutable_page());
  return {};
}

Result<void> Answer(const GetStartReadinessRequest& request, const QueryContext& context,
                    GetStartReadinessResponse* response) {
  if (request.stay_id().empty() == request.cohort_id().empty()) {
    return Fail(Code::kInvalidArgument, "FIELD_REQUIRED",
                "stay_id, cohort_id: give either, and not both");
  }
  JALON_ASSIGN_OR_RETURN(const domain::SchoolState school, ReadPolicy(context));
  LookUp look_up(context);
  const domain::LocalDate on = context.OrToday(request.on());
  // The policy that counts is that of the day of the decision: today, or the day of the start where
  // that is yet to come.
  const domain::Policy policy(school, std::max(on, context.today));
  const Start start{context, look_up, policy, on};
  response->set_policy_version(policy.Version());
  return request.cohort_id().empty() ? ShowOne(request.stay_id(), start, response)
                                     : ShowCohort(request, start, response);
}

}  // namespace

void RegisterStartReadiness(Queries& queries) {
  queries.Add<GetStartReadinessRequest, GetStartReadinessResponse>(Answer);
}

}  // namespace jalon::api
