// GetAttitudeTimeline: what was observed of a student's attitudes, and the follow-up at school, the
// latest first (R22, R23).
#include <algorithm>
#include <utility>
#include <vector>

#include "jalon/person/v1/person.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "projections/views/attitude_row.h"
#include "projections/views/attitudes.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using person::v1::Words;
using progress::v1::AttitudeEntry;
using progress::v1::GetAttitudeTimelineRequest;
using progress::v1::GetAttitudeTimelineResponse;
using projections::AttitudeRow;

// Where a row stands in the list, as bytes: the later, the smaller.
std::string PlaceOf(const AttitudeRow& row) {
  return std::string(projections::Key()
                         .AddBig32(~row.observed.occurred_on)
                         .AddBig64(~row.observed.seq)
                         .AddBig32(~row.observed.index)
                         .view());
}

bool Holds(const StudentRecord& record, const projections::StayId& stay_id) {
  return std::ranges::find(record.stays, stay_id, &projections::StayRow::stay_id) !=
         record.stays.end();
}

// `entry` outlives `sections`.
void Show(AttitudeRow row, Sections& sections, AttitudeEntry* entry) {
  entry->set_stay_id(row.stay_id.Str());
  entry->set_observation_number(row.observation_number);
  *entry->mutable_observed() = EventOf(row.observed);
  ShowActor(row.observer, entry->mutable_observer());
  sections.Add<Words>(std::move(row.words), [entry](Words&& words) {
    entry->set_words(std::move(*words.mutable_text()));
  });
  if (row.IsOpen()) return;
  progress::v1::FollowUpEntry* follow_up = entry->mutable_follow_up();
  *follow_up->mutable_recorded() = EventOf(row.followed_up);
  ShowActor(row.follow_up_actor, follow_up->mutable_actor());
  sections.Add<Words>(std::move(row.follow_up_words), [follow_up](Words&& words) {
    follow_up->set_words(std::move(*words.mutable_text()));
  });
}

Result<void> Answer(const GetAttitudeTimelineRequest& request, const QueryContext& context,
                    GetAttitudeTimelineResponse* response) {
  JALON_ASSIGN_OR_RETURN(const StudentRecord record, ReadStudent(context, request.student_id()));
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, projections::kAttitudesVersion));
  std::vector<std::pair<std::string, AttitudeRow>> rows;
  JALON_RETURN_IF_ERROR(context.rows().Each<AttitudeRow>(
      projections::kAttitudes, projections::AttitudesPrefix(record.student_id), {},
      [&](std::string_view, AttitudeRow row) {
        if (!Holds(record, row.stay_id)) return true;  // of a programme out of the caller's scope
        std::string place = PlaceOf(row);
        rows.emplace_back(std::move(place), std::move(row));
        return true;
      }));
  std::ranges::sort(rows, {}, [](const auto& row) -> const std::string& { return row.first; });
  Sections sections;
  for (auto& [place, row] : rows) {
    if (place <= page.after()) continue;
    if (!page.Reads(place)) break;
    if (request.open_only() && !row.IsOpen()) continue;
    page.Take();
    Show(std::move(row), sections, response->add_entries());
  }
  if (record.IsErased()) {
    *response->mutable_erased() = EventOf(record.student.erased);
  } else {
    JALON_RETURN_IF_ERROR(context.opener.OpenAll(context.school_id, sections));
  }
  page.Finish(response->mutable_page());
  return {};
}

}  // namespace

void RegisterAttitudeTimeline(Queries& queries) {
  queries.Add<GetAttitudeTimelineRequest, GetAttitudeTimelineResponse>(Answer);
}

}  // namespace jalon::api
