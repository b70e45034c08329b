// The summative evaluations of one student in one module (R15 to R18).
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/prior.pb.h"
#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/fact.h"

namespace jalon::domain {

// One sitting. An absence is recorded under the number of the attempt that it put off: it is no
// attempt itself.
struct Attempt {
  uint32_t number = 0;  // from 1
  type::v1::EvaluationResult result = type::v1::EVALUATION_RESULT_UNSPECIFIED;
  uint32_t sat_from_on = 0;
  uint32_t sat_to_on = 0;
  Bytes evaluator_id;
  FactRef recorded;
  std::vector<FactRef> open_reviews;

  bool IsAbsence() const { return result == type::v1::EVALUATION_RESULT_ABSENT; }

  void Fields(auto& archive) {
    archive(number, result, sat_from_on, sat_to_on, evaluator_id, recorded, open_reviews);
  }
  bool operator==(const Attempt&) const = default;
};

// What the student brought along from elsewhere; the last one recorded stands.
struct PriorResult {
  type::v1::PriorResultOrigin origin = type::v1::PRIOR_RESULT_ORIGIN_UNSPECIFIED;
  type::v1::EvaluationResult result = type::v1::EVALUATION_RESULT_UNSPECIFIED;
  uint32_t attempts = 0;  // elsewhere
  uint32_t obtained_on = 0;
  FactRef recorded;  // none: nothing was brought along

  bool IsSuccess() const { return result == type::v1::EVALUATION_RESULT_SUCCESS; }

  void Fields(auto& archive) { archive(origin, result, attempts, obtained_on, recorded); }
  bool operator==(const PriorResult&) const = default;
};

struct ModuleRecord {
  std::string programme_code;
  std::string module;
  uint64_t version = 0;
  std::vector<Attempt> attempts;  // in the order in which they were recorded
  PriorResult prior;

  // The newest attempt that is no absence; null if there is none.
  const Attempt* InForce() const {
    for (size_t i = attempts.size(); i > 0; --i) {
      if (!attempts[i - 1].IsAbsence()) return &attempts[i - 1];
    }
    return nullptr;
  }
  // A success brought along stands whatever was sat here: it was recorded after each failure, since
  // nobody is evaluated in a module that is succeeded.
  bool Succeeded() const {
    if (prior.IsSuccess()) return true;
    const Attempt* attempt = InForce();
    return attempt != nullptr && attempt->result == type::v1::EVALUATION_RESULT_SUCCESS;
  }
  // What says so. REQUIRES: it is succeeded.
  const FactRef& SuccessFact() const {
    return prior.IsSuccess() ? prior.recorded : InForce()->recorded;
  }
  uint32_t NextNumber() const {
    const Attempt* attempt = InForce();
    return (attempt == nullptr ? prior.attempts : attempt->number) + 1;
  }

  void Fields(auto& archive) { archive(programme_code, module, version, attempts, prior); }
  bool operator==(const ModuleRecord&) const = default;
};

}  // namespace jalon::domain
