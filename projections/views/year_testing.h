// A school year of several schools as records of events, in the mix and the order of the
// demonstration's: for golden logs, random histories and measurements. Nothing is decided here; the
// events are such as decide makes them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "jalon/log/v1/log.pb.h"

namespace jalon::projections::testing {

struct YearOptions {
  uint32_t schools = 3;
  uint32_t students = 100;  // in each school
  uint32_t students_per_company = 8;
  uint64_t seed = 1;
};

// Takes one accepted command's events. All of a record are of one school.
using EmitRecord = std::function<void(const std::string& school_id, std::vector<log::v1::Event>)>;

// Makes the year. Equal options give equal bytes.
void MakeYear(const YearOptions& options, const EmitRecord& emit);

// A hold on a student of school 0, its release, a request, the erasure: one record's events.
std::vector<log::v1::Event> ErasureOf(const std::string& student_id);

// A transfer from another school, both ends of an enrolment, a correction and a statement, of a
// student of school 0: one record's events.
std::vector<log::v1::Event> RightsOf(const std::string& student_id);

// The id of a school of the year: 16 bytes.
std::string SchoolIdOf(uint32_t school);

}  // namespace jalon::projections::testing
