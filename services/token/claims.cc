#include "services/token/claims.h"

namespace jalon::token {
namespace {

constexpr std::string_view kPrefix = "ROLE_";

// ASCII only, whatever the locale.
std::string Shift(std::string_view text, char first, char last, int by) {
  std::string shifted(text);
  for (char& c : shifted) {
    if (c >= first && c <= last) c = static_cast<char>(c + by);
  }
  return shifted;
}

}  // namespace

std::string RoleWord(type::v1::Role role) {
  const std::string& name = type::v1::Role_Name(role);
  if (role == type::v1::ROLE_UNSPECIFIED || name.empty()) return {};
  return Shift(std::string_view(name).substr(kPrefix.size()), 'A', 'Z', 'a' - 'A');
}

type::v1::Role RoleOfWord(std::string_view word) {
  type::v1::Role role = type::v1::ROLE_UNSPECIFIED;
  const std::string name = std::string(kPrefix) + Shift(word, 'a', 'z', 'A' - 'a');
  return RoleWord(type::v1::ROLE_UNSPECIFIED) != word && type::v1::Role_Parse(name, &role) &&
                 RoleWord(role) == word
             ? role
             : type::v1::ROLE_UNSPECIFIED;
}

}  // namespace jalon::token
