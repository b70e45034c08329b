#include "services/domain/known_as.h"

#include "eventstore/base/hash.h"

namespace jalon::domain {

Bytes KnownAs(std::string_view school_id, std::string_view stay_id) {
  return Bytes(View(Sha256({"jalon.stay.v1\n", school_id, stay_id})).substr(0, kKnownAsBytes));
}

}  // namespace jalon::domain
