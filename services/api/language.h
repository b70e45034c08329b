// Which of the two languages a caller is answered in.
#pragma once

#include <string_view>

#include "services/domain/language.h"

namespace jalon::api {

using domain::Language;

// By an accept-language header (RFC 9110), such as "fr-CA, en;q=0.8": French where it is preferred,
// English where it is, or where neither is named.
Language LanguageOf(std::string_view accept_language);

// "fr-CA", "en-CA".
std::string_view LocaleOf(Language language);

}  // namespace jalon::api
