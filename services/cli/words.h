// Words that people read, always in both languages of the people who use Jalon.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "services/domain/language.h"

namespace jalon::cli {

using domain::Language;

// The language of a locale or tag such as "fr_CA.UTF-8" or "fr-CA"; English for any other.
inline Language LanguageOf(std::string_view tag) {
  return tag.starts_with("fr") || tag.starts_with("FR") ? Language::kFrench : Language::kEnglish;
}

// One thing to say. It does not compile with a language missing, or with more holes ("{}") in the
// one than in the other.
class Words {
 public:
  // Implicit, so that a call reads as a line of a table: {"school", "école"}.
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  consteval Words(const char* english, const char* french) : english_(english), french_(french) {
    if (english_.empty() || french_.empty()) throw "both languages are needed";
    if (std::ranges::count(english_, '{') != std::ranges::count(french_, '{')) {
      throw "the languages have different holes";
    }
  }

  constexpr std::string_view In(Language language) const {
    return language == Language::kFrench ? french_ : english_;
  }

 private:
  std::string_view english_;
  std::string_view french_;
};

// Fills the holes. The arguments are text or numbers; both languages take the same ones.
template <typename... Args>
std::string Say(Language language, const Words& words, const Args&... args) {
  return fmt::vformat(words.In(language), fmt::make_format_args(args...));
}

}  // namespace jalon::cli
