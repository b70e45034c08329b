#include "projections/views/stays.h"

#include "projections/engine/row_of.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::StayEnded;
using event::v1::StayScheduled;
using event::v1::StudentEnrolled;

constexpr char kByDate = 'd';
constexpr char kByCompany = 'c';
constexpr char kCohort = 'h';
constexpr char kStay = 's';
constexpr char kEnrolment = 'e';
constexpr size_t kSchoolBytes = 16;
constexpr size_t kPersonBytes = 8;

Key KeyByDate(Key base, const StayIndexRow& stay) {
  return base.Add(kByDate).AddBig32(stay.starts_on).Add(stay.stay_id.View());
}
Key KeyByCompany(Key base, const StayIndexRow& stay) {
  return base.Add(kByCompany)
      .Add(stay.company_id.View())
      .AddBig32(stay.starts_on)
      .Add(stay.stay_id.View());
}

// Sets the stay's rows in every list.
void List(const EventView& event, const StayIndexRow& stay, ViewRows& rows) {
  const Key school(event.tenant);
  PutRow(rows, KeyByDate(school, stay), stay);
  PutRow(rows, KeyByCompany(school, stay), stay);
}

StayIndexRow& Edit(const EventView& event, ViewRows& rows) {
  return EditRow<StayIndexRow>(rows, Key(event.tenant).Add(kStay).Add(event.aggregate));
}

void FoldScheduled(const EventView& event, ViewRows& rows) {
  StayIndexRow& stay = Edit(event, rows);
  stay.stay_id = StayId::Of(event.aggregate);
  stay.state = type::v1::STAY_STATE_PLANNED;
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case StayScheduled::kSequenceIdFieldNumber:
        stay.sequence_id = SequenceId::Of(field.bytes);
        break;
      case StayScheduled::kCompanyIdFieldNumber:
        stay.company_id = CompanyId::Of(field.bytes);
        break;
      case StayScheduled::kStartsOnFieldNumber:
        stay.starts_on = field.U32();
        break;
      case StayScheduled::kEndsOnFieldNumber:
        stay.ends_on = field.U32();
        break;
      default:
        break;
    }
  });
  List(event, stay, rows);
}

void FoldStarted(const EventView& event, ViewRows& rows) {
  StayIndexRow& stay = Edit(event, rows);
  stay.state = type::v1::STAY_STATE_STARTED;
  stay.started_on = event.occurred_on;
  List(event, stay, rows);
}

void FoldEnded(const EventView& event, ViewRows& rows) {
  StayIndexRow& stay = Edit(event, rows);
  stay.state = type::v1::STAY_STATE_ENDED;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == StayEnded::kEndedOnFieldNumber) stay.ended_on = field.U32();
  });
  List(event, stay, rows);
}

Key KeyOfMember(const EventView& event, const CohortId& cohort) {
  return Key(event.tenant).Add(kCohort).Add(cohort.View()).Add(event.aggregate);
}

void FoldEnrolled(const EventView& event, ViewRows& rows) {
  auto& member =
      EditRow<CohortMemberRow>(rows, Key(event.tenant).Add(kEnrolment).Add(event.aggregate));
  if (!member.cohort_id.IsNone()) rows.Erase(KeyOfMember(event, member.cohort_id));
  member = CohortMemberRow{};
  member.student_id = PersonId::Of(event.aggregate);
  if (event.aggregate.size() > kPersonBytes) {
    member.programme_code = event.aggregate.substr(kPersonBytes);
  }
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == StudentEnrolled::kCohortIdFieldNumber) {
      member.cohort_id = CohortId::Of(field.bytes);
    }
  });
  if (!member.cohort_id.IsNone()) PutRow(rows, KeyOfMember(event, member.cohort_id), member);
}

class Stays final : public View {
 public:
  std::string_view Name() const override { return kStays; }
  uint32_t Version() const override { return kStaysVersion; }

  bool Wants(uint32_t type) const override {
    switch (type) {
      case EventBody::kStudentEnrolled:
      case EventBody::kStayScheduled:
      case EventBody::kStayStarted:
      case EventBody::kStayEnded:
        return true;
      default:
        return false;
    }
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (event.tenant.size() != kSchoolBytes) return;  // no school's
    switch (event.type) {
      case EventBody::kStudentEnrolled:
        return FoldEnrolled(event, rows);
      case EventBody::kStayScheduled:
        return FoldScheduled(event, rows);
      case EventBody::kStayStarted:
        return FoldStarted(event, rows);
      case EventBody::kStayEnded:
        return FoldEnded(event, rows);
      default:
        return;
    }
  }

  std::unique_ptr<ViewRow> Make(std::string_view key) const override {
    return IsMember(key) ? MakeRow<CohortMemberRow>() : MakeRow<StayIndexRow>();
  }
  std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const override {
    return IsMember(key) ? DecodeRow<CohortMemberRow>(bytes) : DecodeRow<StayIndexRow>(bytes);
  }

 private:
  static bool IsMember(std::string_view key) {
    return key.size() > kSchoolBytes &&
           (key[kSchoolBytes] == kCohort || key[kSchoolBytes] == kEnrolment);
  }
};

}  // namespace

std::unique_ptr<const View> MakeStays() { return std::make_unique<Stays>(); }

Key StaysByDatePrefix() { return Key().Add(kByDate); }
Key StaysByCompanyPrefix(const CompanyId& company_id) {
  return Key().Add(kByCompany).Add(company_id.View());
}
Key CohortMembersPrefix(const CohortId& cohort_id) {
  return Key().Add(kCohort).Add(cohort_id.View());
}
Key StayByDateKey(const StayIndexRow& stay) { return KeyByDate(Key(), stay); }
Key StayByCompanyKey(const StayIndexRow& stay) { return KeyByCompany(Key(), stay); }
Key StayIndexKey(const StayId& stay_id) { return Key().Add(kStay).Add(stay_id.View()); }

}  // namespace jalon::projections
