#include "services/domain/eligibility.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/domain/hours.h"
#include "services/domain/reason.h"
#include "services/domain/sequence_type.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

using Facts = EligibilityFacts;

bool Has(const std::vector<std::string>& codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

// The planned time of the stay on a module, as far as it counts (R3).
uint64_t MinutesOn(const Facts::Stay& stay, std::string_view module) {
  uint64_t minutes = 0;
  for (const Facts::PlannedActivity& activity : stay.plan) {
    if (!TakesHours(stay.state, activity.outcome)) continue;
    minutes += MinutesOf(activity.shares, module);
  }
  return minutes;
}

bool TouchesPlan(const Facts::Stay& stay, std::string_view module) {
  return std::ranges::any_of(
      stay.plan, [&](const auto& activity) { return Touches(activity.shares, module); });
}

bool Plans(const Facts::Stay& stay, std::string_view activity) {
  return std::ranges::find(stay.plan, activity, &Facts::PlannedActivity::code) != stay.plan.end();
}

// "TRANSFER": the value's name without its enum's.
std::string NameOf(type::v1::PriorResultOrigin origin) {
  return type::v1::PriorResultOrigin_Name(origin).substr(sizeof("PRIOR_RESULT_ORIGIN_") - 1);
}

Violation Finding(RefusalReason reason, std::string subject, std::string cause,
                  const std::vector<FactRef>& facts) {
  Violation finding{.reason = reason,
                    .subjects = {},
                    .cause = std::move(cause),
                    .facts = SortedFacts(facts),
                    .rule = {}};
  if (!subject.empty()) finding.subjects.push_back(std::move(subject));
  return finding;
}

// One computation: the facts that concern one module, and what they say.
class Computation {
 public:
  Computation(const Facts& facts, std::string_view module, uint32_t on,
              const EligibilityPolicy& policy)
      : facts_(facts), module_(module), on_(on), policy_(policy) {
    for (const Facts::Assignment& sequence : facts.assignments) {
      if (RulesOf(sequence.type).makes_up_and_gates && sequence.active &&
          Has(sequence.modules, module)) {
        sequences_.push_back(&sequence);
      }
    }
    for (const Facts::Stay& stay : facts.stays) {
      if (RulesOf(stay.type).makes_up_and_gates && stay.state != type::v1::STAY_STATE_CANCELLED &&
          TouchesPlan(stay, module)) {
        stays_.push_back(&stay);
      }
    }
    result_.policy_version = policy.policy_version;
    result_.targeted = !sequences_.empty() || !stays_.empty();
  }

  Eligibility Run() && {
    BaseOn({facts_.enrolled});
    if (!ModuleExists()) return Finish(Verdict::kNotEligible);
    if (AlreadyDecided()) return Finish(Verdict::kEvaluated);
    StaysAreThere();
    StaysComeFirst();
    NothingIsUnknown();
    MakeUpIsDone();
    TutorHasReported();
    NoteTheRest();
    return Finish(result_.reasons.empty() ? Verdict::kEligible : Verdict::kNotEligible);
  }

 private:
  // E1 (R2): the module exists for this student.
  bool ModuleExists() {
    if (std::ranges::find(facts_.modules, module_, &ModuleMinutes::module) !=
        facts_.modules.end()) {
      return true;
    }
    Against(Reason::MODULE_NOT_IN_PROGRAMME, std::string(module_), "", {facts_.enrolled});
    return false;
  }

  // E2: a success or a prior result is in force. A failure is not: the same rules hold again.
  bool AlreadyDecided() {
    const Facts::Attempt* attempt = InForce(facts_, module_);
    result_.in_force = attempt;
    for (const Facts::Attempt& other : facts_.attempts) {
      if (other.module == module_) BaseOn({other.recorded});
    }
    if (attempt != nullptr && attempt->result == type::v1::EVALUATION_RESULT_SUCCESS) {
      for (const FactRef& review : attempt->open_reviews) {
        Note(Reason::EVALUATION_REVIEW_OPEN, std::string(module_), "", {review});
      }
      Note(Reason::RESULT_IN_FORCE, std::string(module_), "SUCCESS", {attempt->recorded});
      return true;
    }
    if (BringsSuccess()) return true;
    if (attempt != nullptr) {
      Note(Reason::RETAKE, std::string(module_), std::to_string(attempt->number + 1),
           {attempt->recorded});
    } else {
      NoteFailureElsewhere();
    }
    if (!facts_.enrolment_open) {
      Against(Reason::ENROLMENT_CLOSED, "", "", {facts_.enrolled, facts_.enrolment_closed});
    }
    return false;
  }

  // A success brought along is in force, whatever failed here: it was recorded after that, since
  // nobody is evaluated in a module that is succeeded.
  bool BringsSuccess() {
    for (const Facts::PriorResult& prior : facts_.prior_results) {
      if (prior.module != module_ || prior.result != type::v1::EVALUATION_RESULT_SUCCESS) continue;
      BaseOn({prior.recorded});
      result_.in_force = nullptr;
      Note(Reason::RESULT_IN_FORCE, std::string(module_), NameOf(prior.origin), {prior.recorded});
      return true;
    }
    return false;
  }

  // A failure brought along makes the next attempt a retake, as one here does.
  void NoteFailureElsewhere() {
    for (const Facts::PriorResult& prior : facts_.prior_results) {
      if (prior.module != module_) continue;
      BaseOn({prior.recorded});
      Note(Reason::RETAKE, std::string(module_), std::to_string(prior.attempts + 1),
           {prior.recorded});
    }
  }

  // E3 (R18): a stay is due but not there; else one could evaluate before scheduling it.
  void StaysAreThere() {
    for (const Facts::Assignment* sequence : sequences_) {
      BaseOn({sequence->assigned});
      if (!facts_.in_alternance) continue;
      for (const Facts::SequenceActivity& activity : sequence->activities) {
        if (!Has(activity.modules, module_) || IsPlaced(*sequence, activity.code)) continue;
        if (!HasStay(sequence->sequence_id)) {
          Against(Reason::STAY_NOT_SCHEDULED, SubjectOf(sequence->sequence_id), "",
                  {sequence->assigned});
          break;  // one per sequence
        }
        Against(Reason::ACTIVITY_NOT_PLACED, SubjectOf(sequence->sequence_id, activity.code), "",
                {sequence->assigned});
      }
    }
  }

  // E4 (R18): the evaluation comes after the stays. The day of the end itself is allowed.
  void StaysComeFirst() {
    for (const Facts::Stay* stay : stays_) {
      BaseOn({stay->scheduled, stay->started, stay->ended});
      const char* cause = stay->state == type::v1::STAY_STATE_PLANNED   ? "NOT_STARTED"
                          : stay->state == type::v1::STAY_STATE_STARTED ? "NOT_ENDED"
                          : on_ < stay->ended_on                        ? "DATED_BEFORE_END"
                                                                        : nullptr;
      if (cause == nullptr) continue;
      Against(Reason::STAY_NOT_ENDED, SubjectOf(stay->stay_id), cause,
              {stay->scheduled, stay->started, stay->ended});
    }
  }

  // E5 (R5): an ended stay leaves nothing unknown. Cannot happen after EndStay; can after an
  // import.
  void NothingIsUnknown() {
    for (const Facts::Stay* stay : stays_) {
      for (const Facts::PlannedActivity& activity : stay->plan) {
        if (!Touches(activity.shares, module_)) continue;
        BaseOn({activity.outcome_fact});
        if (stay->state != type::v1::STAY_STATE_ENDED ||
            activity.outcome != type::v1::OUTCOME_KIND_UNSPECIFIED) {
          continue;
        }
        Against(Reason::ACTIVITY_UNACCOUNTED, SubjectOf(stay->stay_id, activity.code), "",
                {stay->scheduled, stay->ended});
      }
    }
  }

  // E6 (R14): make-up is provided for and, by policy, done; of ended and cancelled stays alike.
  void MakeUpIsDone() {
    for (const Facts::MakeUp& make_up : facts_.make_ups) {
      if (!Has(make_up.modules, module_)) continue;
      BaseOn({make_up.required, make_up.latest});
      std::vector<FactRef> facts{make_up.required, make_up.latest};
      const std::string subject = SubjectOf(make_up.stay_id, make_up.activity);
      if (make_up.state == type::v1::MAKE_UP_STATE_REQUIRED) {
        Against(Reason::MAKEUP_NOT_PLANNED, subject, "", facts);
        continue;
      }
      if (!policy_.makeup_must_be_done) continue;
      facts.push_back(policy_.makeup_gate_set);
      if (make_up.state == type::v1::MAKE_UP_STATE_PLANNED) {
        Against(Reason::MAKEUP_NOT_COMPLETED, subject, "", facts);
      } else if (make_up.state == type::v1::MAKE_UP_STATE_COMPLETED && on_ < make_up.completed_on) {
        Against(Reason::MAKEUP_NOT_COMPLETED, subject, "LATER", facts);
      }
    }
  }

  // E7 (R21): the tutor's report holds a student back only where the school decided so.
  void TutorHasReported() {
    for (const Facts::Stay* stay : stays_) {
      if (stay->state != type::v1::STAY_STATE_ENDED || stay->final_report) continue;
      const auto reason = Reason::REPORT_OUTSTANDING;
      if (policy_.report_must_be_there) {
        Against(reason, SubjectOf(stay->stay_id), "", {stay->ended, policy_.report_gate_set});
      } else {
        Note(reason, SubjectOf(stay->stay_id), "", {stay->ended});
      }
    }
  }

  // E8: what is worth saying and blocks nothing.
  void NoteTheRest() {
    if (!result_.targeted) {  // wholly developed at school: R14 to R18 do not bite
      Note(Reason::NO_STAY_TARGETS_MODULE, std::string(module_), "", {});
    }
    for (const Facts::Stay* stay : stays_) {
      if (stay->open_deviation.seq != 0) {
        Note(Reason::START_DEVIATION_OPEN, SubjectOf(stay->stay_id), "", {stay->open_deviation});
      }
      if (stay->overrun.seq != 0) {
        Note(Reason::HOURS_OVERRUN, SubjectOf(stay->stay_id), "", {stay->overrun});
      }
      for (const Facts::Gap& gap : stay->open_gaps) NoteGap(*stay, gap);
    }
    NoteModuleHours();
    if (!facts_.elements_known && !stays_.empty()) {
      Note(Reason::ELEMENTS_UNKNOWN, std::string(module_), "", {});
    }
  }

  void NoteGap(const Facts::Stay& stay, const Facts::Gap& gap) {
    for (const Facts::PlannedActivity& activity : stay.plan) {
      if (!Has(gap.activities, activity.code) || !Touches(activity.shares, module_)) continue;
      Note(Reason::RESOURCE_GAP_OPEN, SubjectOf(stay.stay_id, activity.code), "", {gap.reported});
    }
  }

  // R3: more is planned on this module than is allotted and added. Over one module that is a
  // warning.
  void NoteModuleHours() {
    uint64_t planned = 0;
    uint64_t allowed = 0;
    std::vector<FactRef> facts;
    for (const ModuleMinutes& module : facts_.modules) {
      if (module.module == module_) allowed += module.minutes;
    }
    for (const Facts::Stay& stay : facts_.stays) {
      if (!RulesOf(stay.type).inside_allotted_hours) continue;
      for (const ModuleMinutes& added : stay.added) {
        if (added.module == module_) allowed += added.minutes;
      }
      const uint64_t minutes = MinutesOn(stay, module_);
      planned += minutes;
      if (minutes > 0) facts.push_back(stay.scheduled);
    }
    if (planned > allowed) {
      Note(Reason::MODULE_HOURS_EXCEEDED, std::string(module_), "", facts);
    }
  }

  // Some stay of the sequence plans the activity, or a make-up of such a stay concerns it.
  bool IsPlaced(const Facts::Assignment& sequence, std::string_view activity) const {
    return std::ranges::any_of(stays_,
                               [&](const Facts::Stay* stay) {
                                 return stay->sequence_id == sequence.sequence_id &&
                                        Plans(*stay, activity);
                               }) ||
           std::ranges::any_of(facts_.make_ups, [&](const Facts::MakeUp& make_up) {
             return make_up.sequence_id == sequence.sequence_id && make_up.activity == activity;
           });
  }

  // Some stay of the sequence is not cancelled, whichever modules it touches.
  bool HasStay(const Bytes& sequence_id) const {
    return std::ranges::any_of(facts_.stays, [&](const Facts::Stay& stay) {
      return stay.sequence_id == sequence_id && stay.state != type::v1::STAY_STATE_CANCELLED;
    });
  }

  void Against(RefusalReason reason, std::string subject, std::string cause,
               const std::vector<FactRef>& facts) {
    result_.reasons.push_back(Finding(reason, std::move(subject), std::move(cause), facts));
  }
  void Note(RefusalReason reason, std::string subject, std::string cause,
            const std::vector<FactRef>& facts) {
    result_.notes.push_back(Finding(reason, std::move(subject), std::move(cause), facts));
  }
  void BaseOn(std::initializer_list<FactRef> facts) {
    result_.based_on.insert(result_.based_on.end(), facts);
  }

  Eligibility Finish(Verdict verdict) {
    result_.verdict = verdict;
    SortByRule(&result_.reasons);
    SortByRule(&result_.notes);
    result_.based_on = SortedFacts(std::move(result_.based_on));
    return std::move(result_);
  }

  const Facts& facts_;
  const std::string_view module_;
  const uint32_t on_;
  const EligibilityPolicy& policy_;
  std::vector<const Facts::Assignment*> sequences_;
  std::vector<const Facts::Stay*> stays_;
  Eligibility result_;
};

}  // namespace

const EligibilityFacts::Attempt* InForce(const EligibilityFacts& facts, std::string_view module) {
  const EligibilityFacts::Attempt* newest = nullptr;
  for (const EligibilityFacts::Attempt& attempt : facts.attempts) {
    if (attempt.module == module && attempt.stands &&
        attempt.result != type::v1::EVALUATION_RESULT_ABSENT &&
        (newest == nullptr || newest->number < attempt.number)) {
      newest = &attempt;
    }
  }
  return newest;
}

Eligibility SummativeEligibility(const EligibilityFacts& facts, std::string_view module,
                                 uint32_t on, const EligibilityPolicy& policy) {
  return Computation(facts, module, on, policy).Run();
}

progress::v1::ModuleEligibility ToProto(const Eligibility& eligibility, std::string_view module) {
  progress::v1::ModuleEligibility proto;
  proto.set_module(std::string(module));
  proto.set_verdict(eligibility.verdict == Verdict::kEligible ? progress::v1::VERDICT_ELIGIBLE
                    : eligibility.verdict == Verdict::kEvaluated
                        ? progress::v1::VERDICT_EVALUATED
                        : progress::v1::VERDICT_NOT_ELIGIBLE);
  for (const Violation& reason : eligibility.reasons) *proto.add_reasons() = ToProto(reason);
  for (const Violation& note : eligibility.notes) *proto.add_notes() = ToProto(note);
  if (const EligibilityFacts::Attempt* attempt = eligibility.in_force) {
    progress::v1::ModuleResult& result = *proto.mutable_result();
    result.set_attempt(attempt->number);
    result.set_result(attempt->result);
    result.set_sat_from_on(attempt->sat_from_on);
    result.set_sat_to_on(attempt->sat_to_on);
    *result.mutable_event() = ToProto(attempt->recorded);
    result.set_under_review(!attempt->open_reviews.empty());
  }
  proto.set_targeted(eligibility.targeted);
  return proto;
}

}  // namespace jalon::domain
