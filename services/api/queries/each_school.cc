#include "services/api/queries/each_school.h"

#include "projections/views/school_catalogue.h"
#include "services/domain/model/keys.h"

namespace jalon::api {
namespace {

// Every key of a school's catalogue is below its id and this.
constexpr char kBeyondItsRows = '\xff';

}  // namespace

Result<std::string> NextSchool(const Reader& reader, const std::string& school_id) {
  std::string next;
  const std::string after = school_id.empty() ? school_id : school_id + kBeyondItsRows;
  JALON_RETURN_IF_ERROR(reader.Scan(projections::kSchoolCatalogue, {}, after,
                                    [&](std::string_view key, std::string_view) {
                                      // Shorter ones are the checkpoint of a rebuild.
                                      if (key.size() < domain::kSchoolIdBytes) return true;
                                      next = key.substr(0, domain::kSchoolIdBytes);
                                      return false;
                                    }));
  return next;
}

}  // namespace jalon::api
