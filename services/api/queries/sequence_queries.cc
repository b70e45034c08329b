// ListSequences and GetSequence. Staff see every version; a role of a company sees the published
// versions that stays of theirs follow, and nothing of drafts.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "projections/views/catalogue_rows.h"
#include "projections/views/school_catalogue.h"
#include "projections/views/stay_index_row.h"
#include "projections/views/stays.h"
#include "services/api/queries/access.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using catalogue::v1::GetSequenceRequest;
using catalogue::v1::GetSequenceResponse;
using catalogue::v1::ListSequencesRequest;
using catalogue::v1::ListSequencesResponse;
using catalogue::v1::SequenceDefinition;
using projections::SequenceId;
using projections::SequenceRow;
using projections::SequenceVersionRow;
using projections::StayIndexRow;
using projections::StayRow;

// The versions of each sequence that a caller of a company may see.
using Visible = std::map<SequenceId, std::set<uint32_t>>;

Result<Visible> VisibleTo(const QueryContext& context) {
  Visible visible;
  Result<void> fault;
  const auto add = [&](const projections::StayId& stay_id) -> Result<void> {
    JALON_ASSIGN_OR_RETURN(const std::optional<StayRow> stay, ReadStay(context, stay_id));
    if (stay && MaySeeStay(context, *stay)) {
      visible[stay->sequence_id].insert(stay->sequence_version);
    }
    return {};
  };
  uint32_t left = kRowsPerPageMax;
  JALON_RETURN_IF_ERROR(context.rows().Each<StayIndexRow>(
      projections::kStays, projections::StaysByCompanyPrefix(CompanyOf(context.principal)), {},
      [&](std::string_view, const StayIndexRow& row) {
        fault = add(row.stay_id);
        return fault && --left > 0;
      }));
  JALON_RETURN_IF_ERROR(fault);
  return visible;
}

// A sequence as the caller sees it: a company's role sees neither drafts nor later versions.
std::optional<SequenceRow> SeenAs(SequenceRow row, const Visible* visible) {
  if (visible == nullptr) return row;
  const auto found = visible->find(row.sequence_id);
  if (found == visible->end()) return std::nullopt;
  row.published_version = *found->second.rbegin();
  row.draft_version = 0;
  return row;
}

uint32_t VersionShown(const SequenceRow& row) {
  return row.published_version != 0 ? row.published_version : row.draft_version;
}

Result<std::optional<SequenceVersionRow>> ReadVersion(const SequenceId& sequence_id,
                                                      uint32_t version,
                                                      const QueryContext& context) {
  return context.rows().Find<SequenceVersionRow>(
      projections::kSchoolCatalogue, projections::SequenceVersionKey(sequence_id, version));
}

// The definition of the version that a list shows: parsed once if it is published.
Result<SequencePtr> DefinitionOf(const SequenceRow& row, const QueryContext& context) {
  if (row.published_version != 0) {
    return context.definitions.Sequence(context.school_id, row.sequence_id, row.published_version,
                                        context.rows());
  }
  JALON_ASSIGN_OR_RETURN(const std::optional<SequenceVersionRow> draft,
                         ReadVersion(row.sequence_id, row.draft_version, context));
  if (!draft) return nullptr;
  JALON_ASSIGN_OR_RETURN(SequenceDefinition definition,
                         ParseDefinition<SequenceDefinition>(draft->definition));
  return std::make_shared<const SequenceDefinition>(std::move(definition));
}

void Show(const SequenceRow& row, const SequenceDefinition& definition,
          catalogue::v1::SequenceSummary* summary) {
  summary->set_sequence_id(row.sequence_id.Str());
  summary->set_code(definition.code());
  summary->set_title(definition.title());
  *summary->mutable_programme() = definition.programme();
  summary->set_type(definition.type());
  summary->set_published_version(row.published_version);
  summary->set_draft_version(row.draft_version);
  *summary->mutable_targets() = definition.targets();
  uint32_t minutes = 0;
  for (const auto& activity : definition.activities()) minutes += activity.planned_minutes();
  summary->set_planned_minutes(minutes);
}

// The sequences that the caller sees, by code, then id.
Result<std::vector<SequenceRow>> ReadSequences(const QueryContext& context) {
  std::optional<Visible> visible;
  if (context.principal.IsCompany()) {
    JALON_ASSIGN_OR_RETURN(visible, VisibleTo(context));
  }
  std::vector<SequenceRow> rows;
  JALON_RETURN_IF_ERROR(context.rows().Each<SequenceRow>(
      projections::kSchoolCatalogue, projections::SequencesPrefix(), {},
      [&](std::string_view, SequenceRow row) {
        std::optional<SequenceRow> seen = SeenAs(std::move(row), visible ? &*visible : nullptr);
        if (seen) rows.push_back(*std::move(seen));
        return rows.size() < kRowsPerPageMax;
      }));
  std::ranges::sort(rows, {}, [](const SequenceRow& row) {
    return std::pair(std::string_view(row.code), row.sequence_id);
  });
  return rows;
}

Result<void> AnswerList(const ListSequencesRequest& request, const QueryContext& context,
                        ListSequencesResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page,
                         Page::Of(request, context, projections::kSchoolCatalogueVersion));
  JALON_ASSIGN_OR_RETURN(const std::vector<SequenceRow> rows, ReadSequences(context));
  for (const SequenceRow& row : rows) {
    // Codes hold no zero byte, so that places order as the list does.
    std::string place = row.code;
    place.append(1, '\0').append(row.sequence_id.View());
    if (place <= page.after()) continue;
    if (!page.Reads(place)) break;
    if (request.published_only() && row.published_version == 0) continue;
    JALON_ASSIGN_OR_RETURN(const SequencePtr definition, DefinitionOf(row, context));
    if (definition == nullptr) continue;
    if (!request.programme_code().empty() &&
        definition->programme().code() != request.programme_code()) {
      continue;
    }
    page.Take();
    Show(row, *definition, response->add_sequences());
  }
  page.Finish(response->mutable_page());
  return {};
}

Result<void> AnswerGet(const GetSequenceRequest& request, const QueryContext& context,
                       GetSequenceResponse* response) {
  const auto sequence_id = SequenceId::Of(request.sequence_id());
  uint32_t version = request.sequence_version();
  if (context.principal.IsCompany()) {
    JALON_ASSIGN_OR_RETURN(const Visible visible, VisibleTo(context));
    const auto found = visible.find(sequence_id);
    if (found == visible.end()) return NotFound();
    if (version == 0) version = *found->second.rbegin();
    if (!found->second.contains(version)) return NotFound();
  } else if (version == 0) {
    JALON_ASSIGN_OR_RETURN(const auto sequence,
                           context.rows().Find<SequenceRow>(projections::kSchoolCatalogue,
                                                            projections::SequenceKey(sequence_id)));
    if (!sequence) return NotFound();
    version = VersionShown(*sequence);
  }
  JALON_ASSIGN_OR_RETURN(const std::optional<SequenceVersionRow> row,
                         ReadVersion(sequence_id, version, context));
  if (!row) return NotFound();
  response->set_sequence_id(row->sequence_id.Str());
  response->set_sequence_version(row->sequence_version);
  response->set_published(row->published);
  JALON_ASSIGN_OR_RETURN(*response->mutable_definition(),
                         ParseDefinition<SequenceDefinition>(row->definition));
  for (const projections::Fact& fact : row->facts) *response->add_events() = EventOf(fact);
  return {};
}

}  // namespace

void RegisterSequenceQueries(Queries& queries) {
  queries.Add<ListSequencesRequest, ListSequencesResponse>(AnswerList);
  queries.Add<GetSequenceRequest, GetSequenceResponse>(AnswerGet);
}

}  // namespace jalon::api
