#include "services/domain/school_code.h"

#include <algorithm>

#include "eventstore/base/hash.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

std::string NormalisedSchoolCode(std::string_view code) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const size_t first = code.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  std::string normalised(code.substr(first, code.find_last_not_of(kSpaces) - first + 1));
  std::ranges::transform(normalised, normalised.begin(), [](char c) {
    return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return normalised;
}

Bytes SchoolIdOf(std::string_view code) {
  const Hash hash = Sha256({"jalon.school.v1\n", NormalisedSchoolCode(code)});
  return Bytes(View(hash).substr(0, kSchoolIdBytes));
}

}  // namespace jalon::domain
