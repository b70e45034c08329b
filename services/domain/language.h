// The two languages of the people served.
#pragma once

namespace jalon::domain {

enum class Language { kEnglish, kFrench };

}  // namespace jalon::domain
