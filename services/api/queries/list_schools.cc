// ListSchools: every registered school, by partition, then by id.
#include <functional>
#include <optional>
#include <string>

#include "jalon/region/v1/region_service.pb.h"
#include "projections/views/school_catalogue.h"
#include "services/api/queries/each_school.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using projections::kSchoolCatalogue;
using projections::SchoolRow;
using region::v1::ListSchoolsRequest;
using region::v1::ListSchoolsResponse;
using region::v1::RegisteredSchool;

void Show(const std::string& school_id, uint32_t partition, const SchoolRow& row,
          RegisteredSchool* shown) {
  shown->set_school_id(school_id);
  shown->set_code(row.code);
  shown->set_name(row.name);
  shown->set_service_centre(row.service_centre);
  shown->set_region(row.region);
  shown->set_partition(partition);
  *shown->mutable_registered() = EventOf(row.registered);
}

// The schools of a partition beyond that one.
Result<Told> ListIn(const Reader& reader, std::string school_id, Page& page,
                    ListSchoolsResponse* response) {
  const type::v1::Position& position = reader.as_of().position();
  page.StandsAt(position.seq());
  Told told = Told::kNone;
  while (true) {
    JALON_ASSIGN_OR_RETURN(school_id, NextSchool(reader, school_id));
    if (school_id.empty()) return Told::kAll;
    if (!page.Reads(Page::KeyIn(position.partition(), school_id))) return told;
    told = Told::kSome;
    JALON_ASSIGN_OR_RETURN(
        const std::optional<SchoolRow> row,
        reader.Find<SchoolRow>(kSchoolCatalogue,
                               school_id + std::string(projections::SchoolKey())));
    if (!row) continue;
    page.Take();
    Show(school_id, position.partition(), *row, response->add_schools());
  }
}

Result<void> Answer(const ListSchoolsRequest& request, RegionContext& context,
                    ListSchoolsResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page,
                         Page::Of(request, context, projections::kSchoolCatalogueVersion));
  const auto [first, after] = Page::PlaceIn(page.after());
  const std::string school_id(after);
  JALON_RETURN_IF_ERROR(context.region.Each(first, [&](const Reader& reader) {
    const bool goes_on = reader.as_of().position().partition() == first;
    return ListIn(reader, goes_on ? school_id : std::string(), page, response);
  }));
  page.Finish(response->mutable_page());
  return {};
}

}  // namespace

void RegisterListSchools(Queries& queries) {
  queries.AddOfRegion<ListSchoolsRequest, ListSchoolsResponse>(Answer);
}

}  // namespace jalon::api
