// The summative evaluations of one student in one module (R15 to R18).
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/ids.h"
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

struct ModuleRecord {
  std::string programme_code;
  std::string module;
  uint64_t version = 0;
  std::vector<Attempt> attempts;  // in the order in which they were recorded

  // The attempt in force: the newest that is no absence; null if there is none.
  const Attempt* InForce() const {
    for (size_t i = attempts.size(); i > 0; --i) {
      if (!attempts[i - 1].IsAbsence()) return &attempts[i - 1];
    }
    return nullptr;
  }
  bool Succeeded() const {
    const Attempt* attempt = InForce();
    return attempt != nullptr && attempt->result == type::v1::EVALUATION_RESULT_SUCCESS;
  }
  uint32_t NextNumber() const {
    const Attempt* attempt = InForce();
    return attempt == nullptr ? 1 : attempt->number + 1;
  }

  void Fields(auto& archive) { archive(programme_code, module, version, attempts); }
  bool operator==(const ModuleRecord&) const = default;
};

}  // namespace jalon::domain
