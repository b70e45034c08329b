#include "projections/views/stay_fold.h"

#include <algorithm>

#include "projections/views/payload.h"
#include "projections/views/plan_fold.h"

namespace jalon::projections {
namespace {

using namespace event::v1;  // NOLINT(google-build-using-namespace): the events, by their names

// What most stays have room in: a row that grows by one fact at a time is not moved each time.
constexpr size_t kDaysOfAStay = 32;
constexpr size_t kEstimatesOfAStay = 8;
constexpr size_t kOutcomesOfAStay = 8;

void FoldScheduled(const EventView& event, StayRow& stay) {
  stay.stay_id = StayId::Of(event.aggregate);
  stay.state = type::v1::STAY_STATE_PLANNED;
  stay.scheduled = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case StayScheduled::kSequenceIdFieldNumber:
        stay.sequence_id = SequenceId::Of(field.bytes);
        break;
      case StayScheduled::kSequenceVersionFieldNumber:
        stay.sequence_version = field.U32();
        break;
      case StayScheduled::kTypeFieldNumber:
        stay.type = EnumOf<type::v1::SequenceType>(field);
        break;
      case StayScheduled::kProgrammeCodeFieldNumber:
        stay.programme_code = field.bytes;
        break;
      case StayScheduled::kCompanyIdFieldNumber:
        stay.company_id = CompanyId::Of(field.bytes);
        break;
      case StayScheduled::kGroupIdFieldNumber:
        stay.group_id = GroupId::Of(field.bytes);
        break;
      case StayScheduled::kStartsOnFieldNumber:
        stay.starts_on = field.U32();
        break;
      case StayScheduled::kEndsOnFieldNumber:
        stay.ends_on = field.U32();
        break;
      case StayScheduled::kPlanVersionFieldNumber:
        stay.plan_version = field.U32();
        break;
      default:
        break;
    }
  });
}

// A stay of another school ended there: all of it is told by one event.
void FoldTransferred(const EventView& event, StayRow& stay) {
  stay.stay_id = StayId::Of(event.aggregate);
  stay.state = type::v1::STAY_STATE_ENDED;
  stay.type = type::v1::SEQUENCE_TYPE_DEVELOPMENT;
  stay.end_kind = type::v1::STAY_END_KIND_AS_PLANNED;
  stay.scheduled = stay.ended = stay.transferred = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case StayTransferred::kIssuingSchoolFieldNumber:
        stay.issuing_school = field.bytes;
        break;
      case StayTransferred::kKnownAsFieldNumber:
        stay.known_as = field.bytes;
        break;
      case StayTransferred::kProgrammeCodeFieldNumber:
        stay.programme_code = field.bytes;
        break;
      case StayTransferred::kStartedOnFieldNumber:
        stay.starts_on = stay.started_on = field.U32();
        break;
      case StayTransferred::kEndedOnFieldNumber:
        stay.ends_on = stay.ended_on = field.U32();
        break;
      case StayTransferred::kOutcomesFieldNumber: {
        OutcomeFacts outcome;
        outcome.reported = FactOf(event);
        std::string_view wording;
        ForEachField(field.bytes, [&](const wire::Field& inner) {
          using type::v1::TransferredOutcome;
          if (inner.id == TransferredOutcome::kActivityFieldNumber) outcome.activity = inner.bytes;
          if (inner.id == TransferredOutcome::kWordingFieldNumber) wording = inner.bytes;
          if (inner.id == TransferredOutcome::kOutcomeFieldNumber) {
            outcome.kind = EnumOf<type::v1::OutcomeKind>(inner);
          }
        });
        stay.outcomes.push_back(std::move(outcome));
        stay.wordings.emplace_back(wording);
        break;
      }
      default:
        break;
    }
  });
}

void FoldPlanAnswer(const EventView& event, bool accepted, StayRow& stay) {
  PlanAnswer answer{0, accepted, FactOf(event)};
  ForEachField(event.payload, [&](const wire::Field& field) {
    static_assert(TrainingPlanAccepted::kPlanVersionFieldNumber == 1 &&
                  TrainingPlanDeclined::kPlanVersionFieldNumber == 1);
    if (field.id == TrainingPlanAccepted::kPlanVersionFieldNumber)
      answer.plan_version = field.U32();
  });
  stay.plan_answers.push_back(answer);
}

// Tutor and supervisor alike: who, and from when on.
void FoldAssigned(const EventView& event, std::vector<AssignedPerson>& people) {
  static_assert(TutorAssigned::kTutorIdFieldNumber == 1 && TutorAssigned::kFromOnFieldNumber == 2);
  static_assert(TutorReplaced::kTutorIdFieldNumber == 1 && TutorReplaced::kFromOnFieldNumber == 2);
  static_assert(SchoolSupervisorAssigned::kSupervisorIdFieldNumber == 1 &&
                SchoolSupervisorAssigned::kFromOnFieldNumber == 2);
  AssignedPerson person;
  person.assigned = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == 1) person.person_id = PersonId::Of(field.bytes);
    if (field.id == 2) person.from_on = field.U32();
  });
  people.push_back(person);
}

void FoldProposed(const EventView& event, StayRow& stay) {
  SupervisionFacts supervision;
  supervision.proposed = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    using type::v1::ContactRhythm;
    switch (field.id) {
      case SupervisionProposed::kProposalNumberFieldNumber:
        supervision.proposal_number = field.U32();
        break;
      case SupervisionProposed::kByCompanyFieldNumber:
        supervision.by_company = field.number != 0;
        break;
      case SupervisionProposed::kRhythmFieldNumber:
        ForEachField(field.bytes, [&](const wire::Field& inner) {
          if (inner.id == ContactRhythm::kKindFieldNumber) {
            supervision.contact = EnumOf<type::v1::ContactKind>(inner);
          } else if (inner.id == ContactRhythm::kCountFieldNumber) {
            supervision.contact_count = inner.U32();
          } else if (inner.id == ContactRhythm::kPeriodDaysFieldNumber) {
            supervision.period_days = inner.U32();
          }
        });
        break;
      default:
        break;
    }
  });
  stay.supervision.push_back(supervision);
}

void FoldAgreed(const EventView& event, StayRow& stay) {
  uint32_t number = 0;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == SupervisionAgreed::kProposalNumberFieldNumber) number = field.U32();
  });
  const auto found =
      std::ranges::find(stay.supervision, number, &SupervisionFacts::proposal_number);
  if (found == stay.supervision.end()) return;
  // Agreed once more, it is agreed since the earlier day.
  if (found->agreed.IsNone() || event.occurred_on < found->agreed.occurred_on) {
    found->agreed = FactOf(event);
  }
}

void FoldPreparation(const EventView& event, StayRow& stay) {
  PreparationFacts preparation;
  preparation.held = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == PreparationRecorded::kTopicsFieldNumber) {
      AppendNumbers(field, &preparation.topics);
    } else if (field.id == PreparationRecorded::kLateFieldNumber) {
      preparation.late = field.number != 0;
    }
  });
  stay.preparations.push_back(std::move(preparation));
}

void FoldDeviation(const EventView& event, StayRow& stay) {
  DeviationFacts deviation;
  deviation.recorded = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == StartDeviationRecorded::kMissingFieldNumber) {
      AppendNumbers(field, &deviation.missing);
    }
  });
  stay.deviations.push_back(std::move(deviation));
}

// Hours logged and confirmed alike: the day is the event's.
void FoldHours(const EventView& event, uint32_t DayFacts::* minutes, StayRow& stay) {
  static_assert(HoursLogged::kMinutesFieldNumber == 1 && HoursConfirmed::kMinutesFieldNumber == 1);
  std::vector<DayFacts>& days = stay.days;
  if (days.capacity() == 0) days.reserve(kDaysOfAStay);
  auto day = days.end();
  // Days come nearly in order.
  while (day != days.begin() && (day - 1)->worked_on >= event.occurred_on) --day;
  if (day == days.end() || day->worked_on != event.occurred_on) {
    day = days.insert(day, DayFacts{event.occurred_on});
  }
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == HoursLogged::kMinutesFieldNumber) (*day).*minutes = field.U32();
  });
}

void FoldOverrun(const EventView& event, StayRow& stay) {
  OverrunFacts overrun;
  overrun.noted = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == HoursOverrun::kPlannedMinutesFieldNumber) {
      overrun.planned_minutes = field.U32();
    } else if (field.id == HoursOverrun::kLoggedMinutesFieldNumber) {
      overrun.logged_minutes = field.U32();
    }
  });
  stay.overruns.push_back(overrun);
}

void FoldAddition(const EventView& event, StayRow& stay) {
  AdditionFacts addition;
  addition.granted = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == AdditionalHoursGranted::kMinutesFieldNumber) {
      addition.minutes = field.U32();
    } else if (field.id == AdditionalHoursGranted::kSharesFieldNumber) {
      addition.shares.push_back(ShareOf(field.bytes));
    }
  });
  stay.additions.push_back(std::move(addition));
}

void FoldEnded(const EventView& event, StayRow& stay) {
  stay.state = type::v1::STAY_STATE_ENDED;
  stay.ended = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case StayEnded::kEndedOnFieldNumber:
        stay.ended_on = field.U32();
        break;
      case StayEnded::kKindFieldNumber:
        stay.end_kind = EnumOf<type::v1::StayEndKind>(field);
        break;
      case StayEnded::kCauseFieldNumber:
        stay.end_cause = EnumOf<type::v1::StayEndCause>(field);
        break;
      default:
        break;
    }
  });
}

void FoldOutcome(const EventView& event, type::v1::OutcomeKind kind, StayRow& stay) {
  static_assert(ActivityCompleted::kActivityFieldNumber == 1 &&
                ActivityPartlyPerformed::kActivityFieldNumber == 1 &&
                ActivityNotPerformed::kActivityFieldNumber == 1);
  static_assert(ActivityPartlyPerformed::kCauseFieldNumber == 3 &&
                ActivityNotPerformed::kCauseFieldNumber == 3);
  OutcomeFacts outcome{{}, kind, type::v1::OUTCOME_CAUSE_UNSPECIFIED, FactOf(event)};
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == 1) outcome.activity = field.bytes;
    if (field.id == 3) outcome.cause = EnumOf<type::v1::OutcomeCause>(field);
  });
  if (stay.outcomes.capacity() == 0) stay.outcomes.reserve(kOutcomesOfAStay);
  stay.outcomes.push_back(std::move(outcome));
}

void FoldEstimate(const EventView& event, StayRow& stay) {
  EstimateFacts estimate;
  estimate.actor = event.actor;
  estimate.reported = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case FormativeEstimateReported::kObjectiveFieldNumber:
        estimate.objective = field.bytes;
        break;
      case FormativeEstimateReported::kScaleVersionFieldNumber:
        estimate.scale_version = field.U32();
        break;
      case FormativeEstimateReported::kNotObservedFieldNumber:
        estimate.not_observed = field.number != 0;
        break;
      default:
        break;
    }
  });
  const auto found =
      std::ranges::find(stay.estimates, estimate.objective, &EstimateFacts::objective);
  if (found != stay.estimates.end()) {
    *found = std::move(estimate);
  } else {
    if (stay.estimates.capacity() == 0) stay.estimates.reserve(kEstimatesOfAStay);
    stay.estimates.push_back(std::move(estimate));
  }
}

void FoldReport(const EventView& event, StayRow& stay) {
  ReportFacts report;
  report.actor = event.actor;
  report.submitted = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == TutorReportSubmitted::kKindFieldNumber) {
      report.kind = EnumOf<type::v1::TutorReportKind>(field);
    } else if (field.id == TutorReportSubmitted::kNotObservedFieldNumber) {
      report.not_observed.emplace_back(field.bytes);
    }
  });
  stay.reports.push_back(std::move(report));
}

MakeUpFacts& MakeUpOf(StayRow& stay, std::string_view code) {
  const auto found = std::ranges::find(stay.make_ups, code, &MakeUpFacts::activity);
  if (found != stay.make_ups.end()) return *found;
  stay.make_ups.emplace_back().activity = code;
  return stay.make_ups.back();
}

}  // namespace

void FoldStayEvent(const EventView& event, StayRow& stay) {
  switch (event.type) {
    case EventBody::kStayScheduled:
      return FoldScheduled(event, stay);
    case EventBody::kStayTransferred:
      return FoldTransferred(event, stay);
    case EventBody::kTrainingPlanAccepted:
      return FoldPlanAnswer(event, true, stay);
    case EventBody::kTrainingPlanDeclined:
      return FoldPlanAnswer(event, false, stay);
    case EventBody::kTutorAssigned:
    case EventBody::kTutorReplaced:
      return FoldAssigned(event, stay.tutors);
    case EventBody::kSchoolSupervisorAssigned:
      return FoldAssigned(event, stay.supervisors);
    case EventBody::kSupervisionProposed:
      return FoldProposed(event, stay);
    case EventBody::kSupervisionAgreed:
      return FoldAgreed(event, stay);
    case EventBody::kPreparationRecorded:
      return FoldPreparation(event, stay);
    case EventBody::kStayStarted:
      stay.state = type::v1::STAY_STATE_STARTED;
      stay.started = FactOf(event);
      stay.started_on = event.occurred_on;
      return;
    case EventBody::kStartDeviationRecorded:
      return FoldDeviation(event, stay);
    case EventBody::kHoursLogged:
      return FoldHours(event, &DayFacts::logged_minutes, stay);
    case EventBody::kHoursConfirmed:
      return FoldHours(event, &DayFacts::confirmed_minutes, stay);
    case EventBody::kHoursOverrun:
      return FoldOverrun(event, stay);
    case EventBody::kAdditionalHoursGranted:
      return FoldAddition(event, stay);
    case EventBody::kStayEnded:
      return FoldEnded(event, stay);
    case EventBody::kActivityCompleted:
      return FoldOutcome(event, type::v1::OUTCOME_KIND_COMPLETED, stay);
    case EventBody::kActivityPartlyPerformed:
      return FoldOutcome(event, type::v1::OUTCOME_KIND_PARTLY, stay);
    case EventBody::kActivityNotPerformed:
      return FoldOutcome(event, type::v1::OUTCOME_KIND_NOT_PERFORMED, stay);
    case EventBody::kFormativeEstimateReported:
      return FoldEstimate(event, stay);
    case EventBody::kTutorReportSubmitted:
      return FoldReport(event, stay);
    default:
      return;
  }
}

void FoldMakeUpEvent(const EventView& event, std::string_view code, StayRow& stay) {
  MakeUpFacts& make_up = MakeUpOf(stay, code);
  make_up.latest = FactOf(event);
  switch (event.type) {
    case EventBody::kMakeUpRequired:
      make_up = MakeUpFacts{};
      make_up.activity = code;
      make_up.state = type::v1::MAKE_UP_STATE_REQUIRED;
      make_up.required = make_up.latest = FactOf(event);
      ForEachField(event.payload, [&](const wire::Field& field) {
        if (field.id == MakeUpRequired::kModulesFieldNumber)
          make_up.modules.emplace_back(field.bytes);
      });
      return;
    case EventBody::kMakeUpPlanned:
      make_up.state = type::v1::MAKE_UP_STATE_PLANNED;
      ForEachField(event.payload, [&](const wire::Field& field) {
        if (field.id == MakeUpPlanned::kOwnerIdFieldNumber) {
          make_up.owner_id = PersonId::Of(field.bytes);
        } else if (field.id == MakeUpPlanned::kDueOnFieldNumber) {
          make_up.due_on = field.U32();
        }
      });
      return;
    case EventBody::kMakeUpCompleted:
      make_up.state = type::v1::MAKE_UP_STATE_COMPLETED;
      make_up.closed_on = event.occurred_on;
      return;
    case EventBody::kMakeUpDischarged:
      make_up.state = type::v1::MAKE_UP_STATE_DISCHARGED;
      make_up.closed_on = event.occurred_on;
      ForEachField(event.payload, [&](const wire::Field& field) {
        if (field.id == MakeUpDischarged::kCauseFieldNumber) {
          make_up.discharge = EnumOf<type::v1::DischargeCause>(field);
        }
      });
      return;
    default:
      return;
  }
}

}  // namespace jalon::projections
