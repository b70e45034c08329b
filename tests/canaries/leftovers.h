// What a thief finds in the files of stopped servers: the sealed sections of a log, and every key
// that opens any.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "jalon/type/v1/sealed.pb.h"
#include "tests/canaries/search.h"

namespace jalon::canaries {

// A sealed section, and which field of an event it is: "StudentEnrolled.identity".
struct Section {
  std::string kind;
  type::v1::Sealed sealed;
};

// All sections of a school in a log, by whose they are. Found by the descriptors of the events.
Result<std::map<Bytes, std::vector<Section>>> SectionsIn(const std::string& log,
                                                         const Bytes& school_id);

// Every kind that an event may hold.
std::set<std::string> AllKinds();

// 32 bytes of key, what it is, and whose; empty: nobody's.
struct RawKey {
  std::string what = {};
  std::string bytes;
  Bytes person = {};
  bool is_epoch = false;  // it wraps others
  // As it lies on the disk, but for what is not random in that; empty: as it is.
  std::string wrapped = {};
};

// Every key in the folders of servers that have ended, or in copies of such folders, as a thief
// opens them: each row of a key store (keys) and of a copy of one (keys.backup), whatever it says
// of a person, with what wraps keys (keys.epochs, root.key) in any of the folders. Only the keys of
// this school, and what is of none. NOT_FOUND: in one of the folders is nothing of that.
Result<std::vector<RawKey>> KeysIn(std::span<const std::string> folders, const Bytes& school_id);

// What is searched for of keys: themselves, and what lies on the disk of them.
std::vector<Wanted> WantedOf(std::span<const RawKey> keys);

// Whether these bytes open the section. They are tried under the name of the key that sealed it:
// another name alone is no protection.
bool Opens(const Section& section, const Bytes& school_id, std::string_view key);

}  // namespace jalon::canaries
