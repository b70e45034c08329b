#include "services/cli/field.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "eventstore/base/hash.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using google::protobuf::EnumDescriptor;

// ASCII only, whatever the locale.
std::string Capitals(std::string_view text) {
  std::string capitals(text);
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c + ('A' - 'a'));
    if (c == '-') c = '_';
  }
  return capitals;
}

}  // namespace

std::string Placeholder(const std::string& word, Language language) {
  // A word that is the same in both languages is not listed.
  static constexpr std::pair<std::string_view, std::string_view> kFrench[] = {
      {"ADDRESS", "ADRESSE"},   {"BACKUP", "COPIE"},  {"COMPANY", "ENTREPRISE"},
      {"DIR", "DOSSIER"},       {"ENTRY", "ENTRÉE"},  {"FILE", "FICHIER"},
      {"FOLDER", "DOSSIER"},    {"HOST", "HÔTE"},     {"ORIGIN", "ORIGINE"},
      {"KEY", "CLÉ"},           {"LABEL", "LIBELLÉ"}, {"METHOD", "MÉTHODE"},
      {"NAME", "NOM"},          {"REASON", "MOTIF"},  {"REF", "RÉF"},
      {"SEQUENCE", "SÉQUENCE"}, {"STAY", "STAGE"},    {"STUDENT", "ÉLÈVE"},
      {"TEXT", "TEXTE"},        {"TITLE", "TITRE"},   {"TOKEN", "JETON"},
      {"VALUE", "VALEUR"},      {"VIEW", "VUE"},
  };
  if (language == Language::kEnglish) return word;
  const auto* const found =
      std::ranges::find(kFrench, word, [](const auto& pair) { return pair.first; });
  return found == std::end(kFrench) ? word : std::string(found->second);
}

Field Field::Required() const {
  Field field = *this;
  field.required = true;
  return field;
}

Field Field::From(std::string variable) const {
  Field field = *this;
  field.environment = std::move(variable);
  return field;
}

Field Text(std::string name, std::string value, Words help, std::string* into) {
  return {.name = std::move(name),
          .value = std::move(value),
          .help = help,
          .read = [into](const std::string& text) {
            *into = text;
            return true;
          }};
}

Field Texts(std::string name, std::string value, Words help,
            google::protobuf::RepeatedPtrField<std::string>* into) {
  return {.name = std::move(name),
          .value = std::move(value),
          .help = help,
          .read =
              [into](const std::string& text) {
                *into->Add() = text;
                return true;
              },
          .many = true};
}

Field Id(std::string name, Words help, std::string* into, size_t bytes) {
  return {
      .name = std::move(name),
      .value = "ID",
      .help = help,
      .read = [into, bytes](
                  const std::string& text) { return FromHex(text, into) && into->size() == bytes; },
      .expects = bytes == 16 ? Words{"expected: an id of 32 hexadecimal digits",
                                     "attendu : un identifiant de 32 chiffres hexadécimaux"}
                             : Words{"expected: an id of 16 hexadecimal digits",
                                     "attendu : un identifiant de 16 chiffres hexadécimaux"}};
}

Field Ids(std::string name, Words help, google::protobuf::RepeatedPtrField<std::string>* into,
          size_t bytes) {
  Field field = Id(std::move(name), help, nullptr, bytes);
  field.read = [into, bytes](const std::string& text) {
    return FromHex(text, into->Add()) && into->rbegin()->size() == bytes;
  };
  field.many = true;
  return field;
}

Field Day(std::string name, Words help, std::function<void(uint32_t)> set) {
  return {.name = std::move(name),
          .value = "DATE",
          .help = help,
          .read =
              [set = std::move(set)](const std::string& text) {
                const std::optional<uint32_t> day = ParseDay(text);
                if (day) set(*day);
                return day.has_value();
              },
          .expects = Words{"expected: a date such as 2026-09-01",
                           "attendu : une date telle que 2026-09-01"}};
}

Field Count(std::string name, Words help, uint32_t most, std::function<void(uint32_t)> set) {
  return {.name = std::move(name),
          .value = "N",
          .help = help,
          .read =
              [set = std::move(set), most](const std::string& text) {
                const std::optional<uint64_t> count = ParseCount(text, most);
                if (count) set(static_cast<uint32_t>(*count));
                return count.has_value();
              },
          .expects = Words{"expected: a whole number, not that large",
                           "attendu : un nombre entier, pas aussi grand"}};
}

Field Flag(std::string name, Words help, std::function<void()> set) {
  return {.name = std::move(name),
          .value = "",
          .help = help,
          .read = [set = std::move(set)](const std::string&) {
            set();
            return true;
          }};
}

std::string PrefixOf(const EnumDescriptor& choices) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  std::string zero = choices.value(0)->name();  // by the style that buf keeps: PREFIX_UNSPECIFIED
  return zero.ends_with(kZero) ? zero.substr(0, zero.size() - kZero.size()) : std::string();
}

std::vector<std::string> ChoicesOf(const EnumDescriptor& choices) {
  std::vector<std::string> names;
  for (int i = 1; i < choices.value_count(); ++i) {
    names.push_back(choices.value(i)->name().substr(PrefixOf(choices).size()));
  }
  return names;
}

const google::protobuf::EnumValueDescriptor* ChoiceNamed(const EnumDescriptor& choices,
                                                         const std::string& text) {
  const auto* value = choices.FindValueByName(PrefixOf(choices) + Capitals(text));
  return value == nullptr || value->index() == 0 ? nullptr : value;
}

Field Choice(std::string name, Words help, const EnumDescriptor* choices,
             std::function<void(int)> set) {
  return {.name = std::move(name),
          .value = Join(ChoicesOf(*choices), "|"),
          .help = help,
          .read =
              [set = std::move(set), choices](const std::string& text) {
                const auto* value = ChoiceNamed(*choices, text);
                if (value == nullptr) return false;
                set(value->number());
                return true;
              },
          .expects = Words{"expected: one of the words that --help lists",
                           "attendu : l'un des mots que donne --help"}};
}

Noun OnDataFolder(Noun noun) {
  for (Verb& verb : noun.verbs) verb.needs_data = true;
  return noun;
}

std::vector<Field> operator+(std::vector<Field> fields, const std::vector<Field>& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

}  // namespace jalon::cli
