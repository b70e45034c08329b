// How the same workplace is recognised.
#pragma once

#include <string>
#include <string_view>

namespace jalon::domain {

// The id of a SiteState: NEQ ‖ the first 8 bytes of the site's hash, without regard to the case of
// ASCII letters nor to spaces.
std::string SiteKey(std::string_view neq, std::string_view site);

}  // namespace jalon::domain
