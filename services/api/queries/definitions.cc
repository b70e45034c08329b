#include "services/api/queries/definitions.h"

#include <optional>
#include <utility>

#include "projections/views/catalogue_rows.h"
#include "projections/views/school_catalogue.h"
#include "projections/views/student_progress.h"

namespace jalon::api {
namespace {

using projections::ProgrammeRow;
using projections::SequenceVersionRow;

// The entry, or null. REQUIRES: the map's lock is held.
template <typename Map>
typename Map::mapped_type FindIn(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

template <typename Map>
void Keep(Map& map, std::string key, typename Map::mapped_type definition) {
  if (map.size() >= Definitions::kEntriesMax) map.clear();
  map.emplace(std::move(key), std::move(definition));
}

}  // namespace

Result<ProgrammePtr> Definitions::Programme(std::string_view school_id,
                                            const projections::ProgrammeName& name,
                                            const Reader& reader) {
  const auto row_key = projections::ProgrammeKey(name);
  std::string key = std::string(school_id).append(row_key.view());
  {
    const MutexLock lock(mutex_);
    if (ProgrammePtr known = FindIn(programmes_, key)) return known;
  }
  JALON_ASSIGN_OR_RETURN(const std::optional<ProgrammeRow> row,
                         reader.Find<ProgrammeRow>(projections::kSchoolCatalogue, row_key.view()));
  if (!row) return nullptr;
  JALON_ASSIGN_OR_RETURN(auto definition,
                         ParseDefinition<catalogue::v1::ProgrammeDefinition>(row->definition));
  auto parsed = std::make_shared<const catalogue::v1::ProgrammeDefinition>(std::move(definition));
  const MutexLock lock(mutex_);
  Keep(programmes_, std::move(key), parsed);
  return parsed;
}

Result<SequencePtr> Definitions::Sequence(std::string_view school_id,
                                          const projections::SequenceId& sequence_id,
                                          uint32_t version, const Reader& reader) {
  const auto row_key = projections::SequenceVersionKey(sequence_id, version);
  std::string key = std::string(school_id).append(row_key.view());
  {
    const MutexLock lock(mutex_);
    if (SequencePtr known = FindIn(sequences_, key)) return known;
  }
  JALON_ASSIGN_OR_RETURN(
      const std::optional<SequenceVersionRow> row,
      reader.Find<SequenceVersionRow>(projections::kSchoolCatalogue, row_key.view()));
  if (!row || !row->published) return nullptr;
  JALON_ASSIGN_OR_RETURN(auto definition,
                         ParseDefinition<catalogue::v1::SequenceDefinition>(row->definition));
  auto parsed = std::make_shared<const catalogue::v1::SequenceDefinition>(std::move(definition));
  const MutexLock lock(mutex_);
  Keep(sequences_, std::move(key), parsed);
  return parsed;
}

Result<projections::PlanPtr> Definitions::Plan(std::string_view school_id, const Hash& digest,
                                               const Reader& reader) {
  std::string key = std::string(school_id).append(View(digest));
  {
    const MutexLock lock(mutex_);
    if (projections::PlanPtr known = FindIn(plans_, key)) return known;
  }
  JALON_ASSIGN_OR_RETURN(std::optional<projections::PlanRow> row,
                         reader.Find<projections::PlanRow>(projections::kStudentProgress,
                                                           projections::PlanKey(digest)));
  if (!row) return Reader::Malformed(projections::kStudentProgress);
  auto plan = std::make_shared<const projections::PlanRow>(*std::move(row));
  const MutexLock lock(mutex_);
  Keep(plans_, std::move(key), plan);
  return plan;
}

}  // namespace jalon::api
