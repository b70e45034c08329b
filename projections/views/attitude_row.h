// An observed attitude as the view attitudes keeps one (R22, R23). Sealed words stay sealed.
#pragma once

#include <cstdint>

#include "eventstore/base/ids.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"

namespace jalon::projections {

struct AttitudeRow {
  StayId stay_id;
  uint32_t observation_number = 0;  // in the stay, from 1
  Fact observed;
  Bytes observer;    // an encoded jalon.type.v1.Actor
  Bytes words;       // an encoded jalon.type.v1.Sealed
  Fact followed_up;  // the follow-up that closed it; none: it is open
  Bytes follow_up_actor;
  Bytes follow_up_words;

  bool IsOpen() const { return followed_up.IsNone(); }

  void Fields(auto& archive) {
    archive(stay_id, observation_number, observed, observer, words, followed_up, follow_up_actor,
            follow_up_words);
  }
  bool operator==(const AttitudeRow&) const = default;
};

}  // namespace jalon::projections
