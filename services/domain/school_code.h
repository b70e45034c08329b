// How a school's code becomes its id.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/ids.h"

namespace jalon::domain {

// Without spaces around it, in ASCII capitals: " cfp-nord" is "CFP-NORD".
std::string NormalisedSchoolCode(std::string_view code);

// The first 16 bytes of SHA-256("jalon.school.v1\n" ‖ normalised code).
Bytes SchoolIdOf(std::string_view code);

}  // namespace jalon::domain
