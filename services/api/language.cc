#include "services/api/language.h"

#include <charconv>

namespace jalon::api {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The part up to `separator`, which is taken off `rest` with it.
std::string_view NextPart(std::string_view* rest, char separator) {
  const size_t at = rest->find(separator);
  const std::string_view part = rest->substr(0, at);
  *rest = at == std::string_view::npos ? std::string_view() : rest->substr(at + 1);
  return Trimmed(part);
}

bool IsLanguage(std::string_view tag, char first, char second) {
  const auto lower = [](char c) { return static_cast<char>(c | 0x20); };
  return tag.size() >= 2 && lower(tag[0]) == first && lower(tag[1]) == second &&
         (tag.size() == 2 || tag[2] == '-');
}

// In thousandths.
int WeightOf(std::string_view parameters) {
  if (!parameters.starts_with("q=")) return 1000;
  double weight = 0;
  const auto [end, error] =
      std::from_chars(parameters.data() + 2, parameters.data() + parameters.size(), weight);
  if (error != std::errc() || weight < 0 || weight > 1) return 0;
  return static_cast<int>(weight * 1000);
}

}  // namespace

Language LanguageOf(std::string_view accept_language) {
  int french = 0;
  int english = 0;
  int* best = nullptr;  // of two that weigh the same the first one counts
  while (!accept_language.empty()) {
    std::string_view item = NextPart(&accept_language, ',');
    const std::string_view tag = NextPart(&item, ';');
    int* named = IsLanguage(tag, 'f', 'r')   ? &french
                 : IsLanguage(tag, 'e', 'n') ? &english
                                             : nullptr;
    const int weight = WeightOf(Trimmed(item));
    if (named == nullptr || weight <= *named) continue;
    *named = weight;
    if (best == nullptr || weight > *best) best = named;
  }
  return best == &french ? Language::kFrench : Language::kEnglish;
}

std::string_view LocaleOf(Language language) {
  return language == Language::kFrench ? "fr-CA" : "en-CA";
}

}  // namespace jalon::api
