// ListProgrammes and GetProgramme: the programme versions that the school adopted.
#include <optional>
#include <utility>

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "projections/views/catalogue_rows.h"
#include "projections/views/school_catalogue.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using catalogue::v1::GetProgrammeRequest;
using catalogue::v1::GetProgrammeResponse;
using catalogue::v1::ListProgrammesRequest;
using catalogue::v1::ListProgrammesResponse;
using catalogue::v1::ProgrammeDefinition;
using projections::ProgrammeRow;

void Show(const ProgrammeRow& row, const ProgrammeDefinition& definition,
          catalogue::v1::ProgrammeSummary* summary) {
  *summary->mutable_ref() = definition.ref();
  summary->set_title(definition.title());
  summary->set_type(definition.type());
  summary->set_hours(definition.declared_hours());
  summary->set_module_count(static_cast<uint32_t>(definition.modules_size()));
  summary->set_elements(definition.elements());
  *summary->mutable_adopted() = EventOf(row.adopted);
}

Result<void> AnswerList(const ListProgrammesRequest& request, const QueryContext& context,
                        ListProgrammesResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page,
                         Page::Of(request, context, projections::kSchoolCatalogueVersion));
  Result<void> fault;
  JALON_RETURN_IF_ERROR(context.rows().Each<ProgrammeRow>(
      projections::kSchoolCatalogue, projections::ProgrammesPrefix(), page.after(),
      [&](std::string_view key, const ProgrammeRow& row) {
        if (!page.Reads(key)) return false;
        const auto definition = ParseDefinition<ProgrammeDefinition>(row.definition);
        if (!definition) {
          fault = std::unexpected(definition.error());
          return false;
        }
        page.Take();
        Show(row, *definition, response->add_programmes());
        return true;
      }));
  JALON_RETURN_IF_ERROR(fault);
  page.Finish(response->mutable_page());
  return {};
}

// Whether `one` was adopted after `other`.
bool Later(const projections::Fact& one, const projections::Fact& other) {
  return std::pair(one.seq, one.index) > std::pair(other.seq, other.index);
}

Result<void> AnswerGet(const GetProgrammeRequest& request, const QueryContext& context,
                       GetProgrammeResponse* response) {
  std::optional<ProgrammeRow> found;
  bool several_languages = false;
  JALON_RETURN_IF_ERROR(context.rows().Each<ProgrammeRow>(
      projections::kSchoolCatalogue, projections::ProgrammesPrefix(request.code()), {},
      [&](std::string_view, ProgrammeRow row) {
        const projections::ProgrammeName& name = row.programme;
        if (!request.language().empty() && name.language != request.language()) return true;
        if (!request.version().empty() && name.version != request.version()) return true;
        several_languages |= found && found->programme.language != name.language;
        if (!found || Later(row.adopted, found->adopted)) found = std::move(row);
        return true;
      }));
  if (!found) return NotFound();
  if (several_languages) {
    return Fail(Code::kInvalidArgument, "FIELD_REQUIRED",
                "language: this programme is there in several, so say which one");
  }
  JALON_ASSIGN_OR_RETURN(*response->mutable_programme(),
                         ParseDefinition<ProgrammeDefinition>(found->definition));
  *response->mutable_adopted() = EventOf(found->adopted);
  return {};
}

}  // namespace

void RegisterProgrammeQueries(Queries& queries) {
  queries.Add<ListProgrammesRequest, ListProgrammesResponse>(AnswerList);
  queries.Add<GetProgrammeRequest, GetProgrammeResponse>(AnswerGet);
}

}  // namespace jalon::api
