// What each key of a school's policy does, in words.
#pragma once

#include <string_view>

#include "services/domain/language.h"
#include "services/domain/policy.h"

namespace jalon::domain {

// A sentence; empty for no key.
std::string_view DescriptionOf(PolicyKey key, Language language);

}  // namespace jalon::domain
