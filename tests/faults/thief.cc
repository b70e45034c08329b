// What whoever took the files of servers could still read of a person: every key that is left is
// tried on all that was sealed of them, and the bytes of a key that is gone are searched for.
//
// Usage: thief try DATA SCHOOL PERSON [FOLDER...]    SCHOOL: its code; PERSON: an id
//   Tries the keys in the folders, otherwise those in DATA, on the sections in the log of DATA.
//   Exits with 0 if no key opens anything of the person, 1 if one does, 2 if the trying shows
//   nothing: there is no such section or no key, or a key does not even open what its own person's
//   is.
// Usage: thief take SCHOOL PERSON FOLDER...
//   Prints the person's key and those of the school's epochs, raw and as they lie on the disk, each
//   in hexadecimal in a line of its own.
// Usage: thief find FOLDER...
//   Searches every file there for each of such lines on its input, and prints where it is. Exits
//   with 0 if nothing is found, 1 if something is, 2 if the search shows nothing.
//
// The folders are those of servers that have ended, or copies: to take or try keys opens their
// stores. Each may have root.key, keys.epochs/, keys/ and keys.backup; what wraps keys in one is
// tried on what is in all.
#include <fmt/format.h>

#include <iostream>
#include <span>

#include "eventstore/base/hash.h"
#include "services/domain/school_code.h"
#include "tests/canaries/leftovers.h"

namespace jalon::canaries {
namespace {

constexpr int kNothing = 0;
constexpr int kSomething = 1;
constexpr int kShowsNothing = 2;
constexpr std::string_view kSeparator = ": ";  // between what it is and its bytes

using Words = std::span<const std::string>;

struct Tried {
  size_t keys = 0;
  size_t sections = 0;  // of the person
  size_t opened = 0;    // of them
  size_t others = 0;    // sections of those whose keys these are
  size_t others_opened = 0;
};

Result<Tried> Try(const std::string& data, const Bytes& school_id, const Bytes& person,
                  Words folders) {
  JALON_ASSIGN_OR_RETURN(const auto sections, SectionsIn(data + "/log", school_id));
  JALON_ASSIGN_OR_RETURN(const auto keys, KeysIn(folders, school_id));
  Tried tried{.keys = keys.size()};
  for (const auto& [subject, sealed_of] : sections) {
    const bool is_theirs = subject == person;
    for (const Section& section : sealed_of) {
      bool has_key = false;
      bool opened = false;
      for (const RawKey& key : keys) {
        if (!is_theirs && key.person != subject) continue;
        has_key = true;
        opened |= Opens(section, school_id, key.bytes);
      }
      tried.sections += is_theirs;
      tried.opened += is_theirs && opened;
      tried.others += !is_theirs && has_key;
      tried.others_opened += !is_theirs && opened;
    }
  }
  return tried;
}

int Failed(const Error& error) {
  fmt::print(stderr, "thief: {}\n", error.message);
  return kShowsNothing;
}

int TryAll(const std::string& data, const std::string& school, const std::string& person,
           Words folders) {
  Bytes person_id;
  if (!FromHex(person, &person_id)) return kShowsNothing;
  const Result<Tried> tried =
      Try(data, domain::SchoolIdOf(school), person_id, folders.empty() ? Words(&data, 1) : folders);
  if (!tried) return Failed(tried.error());
  fmt::print(
      "{} keys are left: they open {} of {} sections of their own persons, and {} of {} of {}\n",
      tried->keys, tried->others_opened, tried->others, tried->opened, tried->sections, person);
  if (tried->sections == 0 || tried->others == 0 || tried->others_opened != tried->others) {
    return kShowsNothing;
  }
  return tried->opened == 0 ? kNothing : kSomething;
}

int Take(const std::string& school, const std::string& person, Words folders) {
  const auto keys = KeysIn(folders, domain::SchoolIdOf(school));
  if (!keys) return Failed(keys.error());
  std::vector<RawKey> taken;
  bool has_theirs = false;
  for (const RawKey& key : *keys) {
    const bool is_theirs = ToHex(key.person) == person;
    has_theirs |= is_theirs;
    if (is_theirs || key.is_epoch) taken.push_back(key);
  }
  for (const Wanted& wanted : WantedOf(taken)) {
    fmt::print("{}{}{}\n", wanted.what, kSeparator, ToHex(wanted.spellings.front()));
  }
  return has_theirs ? kNothing : kShowsNothing;
}

int Find(Words folders) {
  std::vector<Wanted> all;
  for (std::string line; std::getline(std::cin, line);) {
    const size_t at = line.rfind(kSeparator);
    std::string bytes;
    const bool is_one =
        at != line.npos && FromHex(line.substr(at + kSeparator.size()), &bytes) && !bytes.empty();
    if (!is_one) return kShowsNothing;
    all.push_back(KeyWanted(line.substr(0, at), bytes));
  }
  int came_to = all.empty() ? kShowsNothing : kNothing;
  for (const std::string& folder : folders) {
    for (const Wanted& wanted : all) {
      const Found found = Search(folder, wanted);
      if (found.bytes == 0) return kShowsNothing;
      for (const Hit& hit : found.hits) {
        fmt::print("{}{}{}\n", hit.file, kSeparator, wanted.what);
        came_to = kSomething;
      }
    }
  }
  return came_to;
}

int Main(Words words) {
  if (words.size() >= 4 && words[0] == "try") {
    return TryAll(words[1], words[2], words[3], words.subspan(4));
  }
  if (words.size() >= 4 && words[0] == "take") return Take(words[1], words[2], words.subspan(3));
  if (words.size() >= 2 && words[0] == "find") return Find(words.subspan(1));
  fmt::print(stderr,
             "usage: thief try DATA SCHOOL PERSON [FOLDER...] | take SCHOOL PERSON FOLDER... | "
             "find FOLDER...\n");
  return kShowsNothing;
}

}  // namespace
}  // namespace jalon::canaries

int main(int count, char** words) {
  return jalon::canaries::Main(std::vector<std::string>(words + 1, words + count));
}
