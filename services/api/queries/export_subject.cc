// ExportSubject: everything that is held on one person, page by page.
#include <algorithm>
#include <optional>

#include "eventstore/base/hash.h"
#include "jalon/person/v1/person.pb.h"
#include "jalon/person/v1/person_service.pb.h"
#include "projections/trail/event_reader.h"
#include "projections/views/erasure_row.h"
#include "projections/views/erasures.h"
#include "projections/views/person_records.h"
#include "projections/views/school_catalogue.h"
#include "projections/views/student_progress.h"
#include "services/api/queries/access.h"
#include "services/api/queries/held.h"
#include "services/api/queries/page.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using person::v1::ExportedSubject;
using person::v1::ExportSubjectRequest;
using person::v1::ExportSubjectResponse;
using person::v1::HeldRecord;
using person::v1::HeldSection;
using person::v1::Identity;
using projections::PersonRecordRow;

constexpr uint32_t kOfAge = 18'0000;  // years, in yyyymmdd

// What the caller may see by who they are; a guardian's is still to be looked at.
bool MayExport(const QueryContext& context, const Bytes& person_id) {
  if (context.principal.role == type::v1::ROLE_WORK_STUDY_COORDINATOR) return true;
  return MaySeeStudent(context, person_id);
}

// From the event's position on, whether the key is still there or not: as all answers.
Result<bool> IsPersonErased(const QueryContext& context, const projections::PersonId& person_id) {
  JALON_ASSIGN_OR_RETURN(const auto row,
                         context.rows().Find<projections::ErasureRow>(
                             projections::kErasures, projections::ErasureKey(person_id)));
  return row && !row->erased.IsNone();
}

// The student's identity as it was given last. `known`: there is one; none of it: it is erased.
struct LastIdentity {
  bool known = false;
  std::optional<Identity> opened;
};
Result<LastIdentity> ReadIdentity(const QueryContext& context,
                                  const projections::PersonId& person_id, bool is_erased) {
  JALON_ASSIGN_OR_RETURN(const auto student,
                         context.rows().Find<projections::StudentRow>(
                             projections::kStudentProgress, projections::StudentKey(person_id)));
  LastIdentity identity;
  if (!student || student->identity.empty()) return identity;
  identity.known = true;
  if (is_erased) return identity;
  Sections sections;
  sections.Add<Identity>(student->identity,
                         [&](Identity&& clear) { identity.opened = std::move(clear); });
  JALON_RETURN_IF_ERROR(context.opener.OpenAll(context.school_id, sections));
  return identity;
}

// A guardian speaks for a minor: from the day of age on the record is the student's own to ask for.
// Where no date of birth can be read, the grant alone says.
bool IsOfAge(const std::optional<Identity>& identity, domain::LocalDate today) {
  return identity && identity->born_on() != 0 && identity->born_on() + kOfAge <= today;
}

bool IsErased(const HeldRecord& record) {
  return std::ranges::any_of(record.sections(), [](const HeldSection& section) {
    return section.state() == person::v1::SECTION_STATE_ERASED;
  });
}

Result<void> ShowSubject(const QueryContext& context, const Bytes& person_id,
                         ExportedSubject* subject) {
  subject->set_school_id(ToHex(context.school_id));
  subject->set_person_id(ToHex(person_id));
  const type::v1::AsOf& as_of = context.rows().as_of();
  subject->set_as_of_seq(std::to_string(as_of.position().seq()));
  subject->set_as_of_at(ExactTimeText(as_of.recorded_at()));
  JALON_ASSIGN_OR_RETURN(const auto school,
                         context.rows().Find<projections::SchoolRow>(projections::kSchoolCatalogue,
                                                                     projections::SchoolKey()));
  if (school) subject->set_school_name(school->name.empty() ? school->code : school->name);
  return {};
}

Result<void> Answer(const ExportSubjectRequest& request, const QueryContext& context,
                    ExportSubjectResponse* response) {
  const auto person_id = projections::PersonId::Of(request.person_id());
  if (!MayExport(context, request.person_id())) return NotFound();
  JALON_ASSIGN_OR_RETURN(const bool is_erased, IsPersonErased(context, person_id));
  JALON_ASSIGN_OR_RETURN(const LastIdentity identity, ReadIdentity(context, person_id, is_erased));
  if (context.principal.role == type::v1::ROLE_GUARDIAN &&
      IsOfAge(identity.opened, context.today)) {
    return NotFound();
  }
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, projections::kPersonRecordsVersion));
  HeldRecords held(context, request.person_id());
  const Partition partition{context.rows().as_of().position().partition()};
  Sections sections;
  Result<void> shown;
  JALON_RETURN_IF_ERROR(context.rows().Each<PersonRecordRow>(
      projections::kPersonRecords, projections::PersonRecordsPrefix(person_id), page.after(),
      [&](std::string_view key, const PersonRecordRow& row) {
        if (!page.Reads(key)) return false;
        page.Take();
        const projections::EventPlace place{.offset = row.offset,
                                            .seq = projections::SeqOfPersonRecord(key),
                                            .index = projections::EventOfPersonRecord(key)};
        shown = (*context.events)(partition, place, [&](const projections::EventView& event) {
          return held.Show(event, sections, response->add_records());
        });
        return shown.has_value();
      }));
  JALON_RETURN_IF_ERROR(shown);
  if (response->records().empty() && page.after().empty()) return NotFound();  // nobody known here
  if (!is_erased) JALON_RETURN_IF_ERROR(context.opener.OpenAll(context.school_id, sections));
  JALON_RETURN_IF_ERROR(ShowSubject(context, request.person_id(), response->mutable_subject()));
  response->mutable_subject()->set_erased(is_erased || (identity.known && !identity.opened) ||
                                          std::ranges::any_of(response->records(), IsErased));
  page.Finish(response->mutable_page());
  return {};
}

}  // namespace

void RegisterExportSubject(Queries& queries) {
  queries.Add<ExportSubjectRequest, ExportSubjectResponse>(Answer);
}

}  // namespace jalon::api
