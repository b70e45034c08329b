// person_records: every event that is about a person, whole, in the order in which it was
// recorded: what ExportSubject reads. Nothing that the log says of a person is left out, and
// nothing is summed up: a view that did could forget.
//
// Keys, after the school (16):
//   person_id (8) ‖ seq (8) ‖ index (4)      PersonRecordRow
// Numbers are big-endian.
//
// Example: the second event of record 3320 about person 0102030405060708 lies at school ‖
// 0102030405060708 ‖ 0000000000000cf8 ‖ 00000001.
//
// Fold: events whose envelope names a subject. Opens no seal: a section is kept as it is in the
// log, and is lost with its key. Version: see kPersonRecordsVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/id.h"
#include "projections/views/key.h"
#include "projections/views/person_record_row.h"

namespace jalon::projections {

inline constexpr std::string_view kPersonRecords = "person_records";
inline constexpr uint32_t kPersonRecordsVersion = 1;

std::unique_ptr<const View> MakePersonRecords();

// What follows the school in keys: all of a person's.
Key PersonRecordsPrefix(const PersonId& person_id);

}  // namespace jalon::projections
