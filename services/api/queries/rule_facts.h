// Fills the plain facts of the domain's pure rules from rows, as the writer fills them from its
// state (services/domain/decide/stay_facts.h): so that a query at a position says what a command
// answers there. Pure.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "projections/views/company_row.h"
#include "projections/views/stay_row.h"
#include "projections/views/student_row.h"
#include "services/api/queries/definitions.h"
#include "services/domain/eligibility_facts.h"
#include "services/domain/policy.h"
#include "services/domain/start_readiness.h"

namespace jalon::api {

// What one enrolment's eligibility is computed from. References must outlive the call only.
struct EnrolmentRows {
  const projections::StudentRow& student;
  const projections::EnrolmentFacts& enrolment;
  const std::vector<projections::StayRow>& stays;  // of the student, of any programme
  const catalogue::v1::ProgrammeDefinition* programme = nullptr;    // of the enrolment
  const std::map<projections::SequenceId, SequencePtr>& sequences;  // assigned, at their version
  const std::map<projections::CompanyId, const projections::CompanyRow*>&
      companies;  // of the stays
};

domain::EligibilityFacts EligibilityFactsOf(const EnrolmentRows& rows);

// What a start of the stay on `on` is measured by. `company`: null if it is not known. `policy` is
// that of the day of the decision. Whether a seat is free (`full_on`) is not looked up here.
domain::StartReadinessFacts StartReadinessFactsOf(const projections::StayRow& stay,
                                                  const projections::CompanyRow* company,
                                                  const domain::Policy& policy,
                                                  domain::LocalDate on);

// The stay started without something that still lacks.
bool DeviationIsOpen(const projections::StayRow& stay, const projections::CompanyRow* company);

// More is logged than planned and added.
bool IsOverrun(const projections::StayRow& stay);

}  // namespace jalon::api
