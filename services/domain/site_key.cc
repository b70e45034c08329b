#include "services/domain/site_key.h"

#include "eventstore/base/hash.h"

namespace jalon::domain {

std::string SiteKey(std::string_view neq, std::string_view site) {
  std::string letters;
  for (const char c : site) {
    if (c != ' ') letters.push_back('A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  const Hash hash = Sha256(letters);
  return std::string(neq).append(View(hash).substr(0, 8));
}

}  // namespace jalon::domain
