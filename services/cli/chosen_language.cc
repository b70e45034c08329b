#include "services/cli/chosen_language.h"

#include <cstdlib>

namespace jalon::cli {

// Needed before anything else is read: what is wrong is said in it.
Language ChosenLanguage(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("--lang=")) return LanguageOf(arguments[i].substr(7));
    if (arguments[i] == "--lang" && i + 1 < arguments.size()) return LanguageOf(arguments[i + 1]);
  }
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* tag = std::getenv(variable);
    if (tag != nullptr && *tag != '\0') return LanguageOf(tag);
  }
  return Language::kEnglish;
}

}  // namespace jalon::cli
