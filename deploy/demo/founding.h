// Founds the schools of the region: people, programmes, sequences, companies, students. What a
// coordinator does in August.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "deploy/demo/crew.h"
#include "deploy/demo/school.h"
#include "jalon/type/v1/role.pb.h"

namespace jalon::demo {

// Issues a token as `jalon token issue` does; ids may be empty.
using Issue =
    std::function<std::string(type::v1::Role role, const std::string& school_id,
                              const std::string& person_id, const std::string& company_id)>;
// Imports 5830 and 5745 for a school, as `jalon programme import` does.
using Import = std::function<void(const School& school)>;

struct Founding {
  uint32_t schools = 3;
  bool spread = false;  // school i in partition i; otherwise where the hash of its id says
  uint32_t students_per_cohort = 100;
  uint32_t companies_per_school = 6;
  uint32_t activities = 5;  // of each sequence
  uint32_t today_on = 0;    // yyyymmdd
};

// REQUIRES: `anyone` is connected; the crew reports no fault so far.
std::vector<School> Found(const Founding& founding, const client::Client& anyone,
                          const Issue& issue, const Import& import, Crew& crew);

}  // namespace jalon::demo
