// The two sequences that the demonstration's schools use, in the school's own words.
#pragma once

#include <string>
#include <vector>

#include "jalon/catalogue/v1/catalogue_service.pb.h"

namespace jalon::demo {

// A sequence as a school designs it: 150 hours in the workplace, five activities, two modules.
struct SequencePlan {
  catalogue::v1::DesignSequence design;
  catalogue::v1::DefineActivities activities;  // sequence_id is filled in once the school has one
  std::vector<std::string> objectives;         // codes
  std::vector<std::string> modules;            // codes
};

// FREINS, on 5830: 850-568 braking (partly in the workplace) and 850-573 wheels (wholly).
SequencePlan Freins(const catalogue::v1::ProgrammeRef& programme);
// COUPE, on 5745: 918-108 haircuts (partly) and 918-073 setting (wholly).
SequencePlan Coupe(const catalogue::v1::ProgrammeRef& programme);

// The same sequence with `count` equal activities instead of five, for benchmarks.
SequencePlan Widened(SequencePlan plan, uint32_t count);

}  // namespace jalon::demo
