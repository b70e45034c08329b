// Definitions of programmes and sequences, and training plans, parsed once: a programme version
// that was adopted, a sequence version that was published, or a plan that a stay has, never
// changes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "jalon/catalogue/v1/definition.pb.h"
#include "projections/views/id.h"
#include "projections/views/plan_row.h"
#include "projections/views/student_row.h"
#include "services/api/queries/reader.h"

namespace jalon::api {

using ProgrammePtr = std::shared_ptr<const catalogue::v1::ProgrammeDefinition>;
using SequencePtr = std::shared_ptr<const catalogue::v1::SequenceDefinition>;

// Thread safety: any thread; the lock is held for a look-up.
class Definitions {
 public:
  static constexpr size_t kEntriesMax = 2048;  // of each kind, of all schools; then all are dropped

  // The programme version, which a row of `reader` refers to: a student's, a sequence's. Null if
  // the school has none such.
  Result<ProgrammePtr> Programme(std::string_view school_id, const projections::ProgrammeName& name,
                                 const Reader& reader);
  // The published version of the sequence, which a row of `reader` refers to: an assignment's, a
  // stay's. Null if there is none.
  Result<SequencePtr> Sequence(std::string_view school_id,
                               const projections::SequenceId& sequence_id, uint32_t version,
                               const Reader& reader);
  // The plan that a stay's row of `reader` names. DATA_LOSS if there is none.
  Result<projections::PlanPtr> Plan(std::string_view school_id, const Hash& digest,
                                    const Reader& reader);

 private:
  template <typename Definition>
  using Parsed = std::map<std::string, std::shared_ptr<const Definition>, std::less<>>;

  Mutex mutex_;
  Parsed<catalogue::v1::ProgrammeDefinition> programmes_ JALON_GUARDED_BY(mutex_);
  Parsed<catalogue::v1::SequenceDefinition> sequences_ JALON_GUARDED_BY(mutex_);
  Parsed<projections::PlanRow> plans_ JALON_GUARDED_BY(mutex_);
};

// Parses the definition that a row holds. DATA_LOSS if it is none.
template <typename Definition>
Result<Definition> ParseDefinition(const std::string& bytes) {
  Definition definition;
  if (!definition.ParseFromString(bytes)) {
    return Fail(Code::kDataLoss, "INTERNAL",
                "a definition in a view cannot be read; rebuild the view");
  }
  return definition;
}

}  // namespace jalon::api
