// An event about a person, as that person is given it (jalon.person.v1.HeldRecord): every field of
// the event by its descriptor, with words in both languages, so that no event can come to be that
// the person is not given.
//
// Thread safety: one answer's own.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "jalon/person/v1/subject_export.pb.h"
#include "projections/views/person_record_row.h"
#include "services/api/queries/opener.h"
#include "services/api/queries/records.h"

namespace jalon::api {

class HeldRecords {
 public:
  // Of that person: a section that another's key seals is held on that other one, and left out.
  HeldRecords(const QueryContext& context, Bytes person_id)
      : person_id_(std::move(person_id)), look_up_(context) {}

  // Shows the event. Its sections are added to `sections`, erased until they open; `record` must
  // outlive them. DATA_LOSS INTERNAL if the row holds no event that this program knows.
  Result<void> Show(const projections::PersonRecordRow& row, Sections& sections,
                    person::v1::HeldRecord* record);

 private:
  struct Place;

  void ShowMessage(const google::protobuf::Message& message, const Place& place);
  void ShowField(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field, int item, const Place& place);
  void ShowSection(const google::protobuf::Message& sealed,
                   const google::protobuf::FieldDescriptor& field, const Place& place);
  void ShowCompany(const std::string& company_id, person::v1::HeldField* shown);

  const Bytes person_id_;
  LookUp look_up_;
  Result<void> read_;  // of look-ups
};

// "2026-09-01T12:00:00.000000Z"; empty for 0.
std::string ExactTimeText(int64_t micros);

}  // namespace jalon::api
