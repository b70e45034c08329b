// The schools of a partition, by their rows in the view school_catalogue.
#pragma once

#include <string>

#include "services/api/queries/reader.h"

namespace jalon::api {

// The school after `school_id`, by id; the first one after an empty one. Empty: there is none. A
// seek, so that nobody reads all that a school teaches. REQUIRES: the reader is of all schools.
Result<std::string> NextSchool(const Reader& reader, const std::string& school_id);

}  // namespace jalon::api
