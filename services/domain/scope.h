// What is in a caller's scope: all of the school for everybody but those whose grants say it, that
// is teachers, guardians, a company's people and auditors. One function for commands and queries,
// over plain grants.
//
// A grant extends over the whole school, or over what it names: students, programmes, modules.
// Where it names several of these, all must hold ("module 850-568 in programme 5830"); several
// grants add up. A grant that names students extends over nothing that is about none of them: no
// sequence, no company's resources. No grant is without a scope (SCOPE_REQUIRED).
//
// A guardian's extends over the students that it names, and nothing else. A tutor's or signatory's
// is for one company: what of it they see, SeesStay and MaySpeakOf say. An auditor's is for the
// school, whose trails they see and nothing else.
//
// Only grants of the caller's role, and company, that hold on the day of the decision and were not
// revoked count.
// Whoever needs one and has none is nobody here, and even what no scope limits, such as the
// school's catalogue, is NOT_FOUND. A token adds nothing: it says who, in which role and school,
// and may narrow further.
#pragma once

#include <string_view>
#include <vector>

#include "services/domain/context.h"
#include "services/domain/model/person.h"
#include "services/domain/model/stay.h"
#include "services/domain/request.h"
#include "services/domain/state.h"

namespace jalon::domain {

// Something that a command or a query is about. Its views must outlive it.
struct Matter {
  std::string_view student_id = {};  // empty: it is about no student
  std::string_view programme_code = {};
  std::vector<std::string_view> modules = {};
};

Matter MatterOf(const Stay& stay);
Matter MatterOf(const Stay& stay, const PlannedActivity& activity);

class Scope {
 public:
  // `grants`: all of the person's, whatever their role and end.
  Scope(const Principal& principal, const std::vector<Grant>& grants, LocalDate today);

  // What roles need a grant of the school that holds.
  static bool IsByGrant(type::v1::Role role);
  // Whose grants are asked for: theirs, and those of coordinators, who need none to begin with
  // (somebody must make the first grant), students and analysts, all of whom are nobody once all
  // that were given have ended.
  static bool AsksForGrants(type::v1::Role role);

  // Nothing at all is in scope.
  bool IsNothing() const { return nothing_; }
  // Something may be out of scope.
  bool IsLimited() const { return limited_; }
  bool Covers(const Matter& matter) const;

 private:
  static bool IsOfRole(const Principal& principal, const Grant& grant);

  bool nothing_ = false;
  bool limited_ = false;
  std::vector<Grant> grants_;  // that hold; none where nothing limits
};

// The scope of whoever sends the command.
Scope ScopeOf(const Context& context, State& state);

}  // namespace jalon::domain
