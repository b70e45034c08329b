// A stay's training plan, by its digest: the row of a stay is small, and stays of one plan share it
// in memory.
#pragma once

#include <memory>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/hash.h"
#include "services/domain/model/training_plan.h"

namespace jalon::domain {

using PlanPtr = std::shared_ptr<const TrainingPlan>;

class PlanRef {
 public:
  PlanRef() = default;
  // `digest`: of the plan as the event says it; its row's id.
  PlanRef(const Hash& digest, PlanPtr plan) : digest_(digest), plan_(std::move(plan)) {}

  // REQUIRES: it was not just decoded, or the plan was found since.
  const TrainingPlan& operator*() const { return *plan_; }
  const TrainingPlan* operator->() const { return plan_.get(); }

  // After decoding: `find` gives the plan of a digest, or null. False if there is none.
  template <typename FindPlan>
  bool Resolve(FindPlan find) {
    plan_ = find(digest_);
    return plan_ != nullptr;
  }

  bool operator==(const PlanRef& other) const { return digest_ == other.digest_; }

  void Fields(auto& archive) {
    archive(digest_);
    if constexpr (requires { archive.AddHeap(size_t{}); }) {
      // Its own row may leave the cache first: where only that row shares it, it is weighed here.
      if (plan_.use_count() <= 2) archive.AddHeap(Weigh(*plan_));
    }
  }

 private:
  static const PlanPtr& Empty() {
    static const PlanPtr kEmpty = std::make_shared<const TrainingPlan>();
    return kEmpty;
  }

  Hash digest_{};
  PlanPtr plan_ = Empty();
};

}  // namespace jalon::domain
