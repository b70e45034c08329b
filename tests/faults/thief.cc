// Tries every key that is left on all that was sealed of one person: what whoever took log, keys
// and root key of a server that has ended could still read.
//
// Usage: thief DATA SCHOOL PERSON     SCHOOL: its code; PERSON: an id
// Exits with 0 if no key opens anything of the person, 1 if one does, 2 if the trying shows
// nothing: there is no such section or no key, or a key does not even open what its own person's
// is.
#include <fmt/format.h>

#include "eventstore/base/hash.h"
#include "services/domain/school_code.h"
#include "tests/canaries/leftovers.h"

namespace jalon::canaries {
namespace {

constexpr int kNothingOpens = 0;
constexpr int kSomethingOpens = 1;
constexpr int kShowsNothing = 2;

struct Tried {
  size_t keys = 0;
  size_t sections = 0;  // of the person
  size_t opened = 0;    // of them
  size_t others = 0;    // sections of those whose keys these are
  size_t others_opened = 0;
};

Result<Tried> Try(const std::string& data, const Bytes& school_id, const std::string& person) {
  JALON_ASSIGN_OR_RETURN(const auto sections, SectionsIn(data + "/log", school_id));
  JALON_ASSIGN_OR_RETURN(const auto keys, KeysIn(data, school_id));
  Tried tried{.keys = keys.size()};
  for (const auto& [subject, sealed_of] : sections) {
    const bool is_theirs = ToHex(subject) == person;
    for (const Section& section : sealed_of) {
      bool opened = false;
      for (const RawKey& key : keys) {
        if (!is_theirs && key.person != subject) continue;
        const bool opens = Opens(section, school_id, key.bytes);
        opened |= opens;
        if (is_theirs) continue;
        ++tried.others;
        tried.others_opened += opens;
      }
      tried.sections += is_theirs;
      tried.opened += is_theirs && opened;
    }
  }
  return tried;
}

int Main(const std::string& data, const std::string& school, const std::string& person) {
  const Result<Tried> tried = Try(data, domain::SchoolIdOf(school), person);
  if (!tried) {
    fmt::print(stderr, "thief: {}\n", tried.error().message);
    return kShowsNothing;
  }
  fmt::print(
      "{} keys are left: they open {} of {} sections of their own persons, and {} of {} of {}\n",
      tried->keys, tried->others_opened, tried->others, tried->opened, tried->sections, person);
  if (tried->sections == 0 || tried->others == 0 || tried->others_opened != tried->others) {
    return kShowsNothing;
  }
  return tried->opened == 0 ? kNothingOpens : kSomethingOpens;
}

}  // namespace
}  // namespace jalon::canaries

int main(int count, char** words) {
  if (count == 4) return jalon::canaries::Main(words[1], words[2], words[3]);
  fmt::print(stderr, "usage: thief DATA SCHOOL PERSON\n");
  return 2;
}
