// Words that people read, always in both languages of the people who use Jalon.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "services/domain/language.h"
#include "services/domain/words/in_both.h"

namespace jalon::cli {

using domain::Language;

// The language of a locale or tag such as "fr_CA.UTF-8" or "fr-CA"; English for any other.
inline Language LanguageOf(std::string_view tag) {
  return tag.starts_with("fr") || tag.starts_with("FR") ? Language::kFrench : Language::kEnglish;
}

// One thing to say.
using Words = domain::InBoth;

// Fills the holes. The arguments are text or numbers; both languages take the same ones.
template <typename... Args>
std::string Say(Language language, const Words& words, const Args&... args) {
  return fmt::vformat(words.In(language), fmt::make_format_args(args...));
}

}  // namespace jalon::cli
