// Every limit of what the domain keeps, with its reason. A list of the state without a line here or
// a limit on its field in the protos is a defect.
#pragma once

#include <cstddef>

namespace jalon::domain::limits {

// Of one company: ten sequences attested each year, for a generation of students and more. The view
// companies keeps as many.
inline constexpr size_t kAttestationsKept = 256;

}  // namespace jalon::domain::limits
