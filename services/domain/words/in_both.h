// Words that people read, always in both languages of the people who use Jalon.
#pragma once

#include <algorithm>
#include <string_view>

#include "services/domain/language.h"

namespace jalon::domain {

// One thing to say. It does not compile with a language missing, or with more holes ("{}") in the
// one than in the other.
class InBoth {
 public:
  // Implicit, so that a call reads as a line of a table: {"school", "école"}.
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  consteval InBoth(const char* english, const char* french) : english_(english), french_(french) {
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

}  // namespace jalon::domain
