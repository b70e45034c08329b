// What a thief finds in the files of a stopped server: the sealed sections of the log, and every
// key that opens any.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "jalon/type/v1/sealed.pb.h"

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
  std::string what;
  std::string bytes;
  Bytes person = {};
};

// Every key in `folder` (keys, keys.epochs and root.key), as a thief opens them: row by row,
// whatever the store says of a person. Only the keys of this school, and what is of none.
Result<std::vector<RawKey>> KeysIn(const std::string& folder, const Bytes& school_id);

// Whether these bytes open the section. They are tried under the name of the key that sealed it:
// another name alone is no protection.
bool Opens(const Section& section, const Bytes& school_id, std::string_view key);

}  // namespace jalon::canaries
