// Clauses that steps about stays share.
#pragma once

#include <string>

#include "jalon/person/v1/person.pb.h"
#include "tests/scenarios/runner/step.h"

namespace jalon::scenarios {

// "on 2026-10-01" among the clauses; otherwise `otherwise`.
inline domain::LocalDate TakeDate(Step& step, domain::LocalDate otherwise) {
  for (Line& clause : step.clauses()) {
    if (const auto on = clause.Is("on <date>")) return DateNamed((*on)["date"]);
  }
  return otherwise;
}

inline domain::LocalDate TakeDateOrToday(Step& step) {
  return TakeDate(step, step.stage().Today());
}

// 'since "the paper came late"': words on their way in, in clear.
inline bool TakeReason(Line& line, person::v1::WordsSection* words) {
  const auto since = line.Is("since <words>");
  if (!since) return false;
  words->mutable_clear()->set_text((*since)["words"]);
  return true;
}

inline bool TakeReason(Step& step, person::v1::WordsSection* words) {
  for (Line& clause : step.clauses()) {
    if (TakeReason(clause, words)) return true;
  }
  return false;
}

inline Bytes StayNamed(Stage& stage, const std::string& name) {
  return stage.Id(Named::kStay, name);
}

}  // namespace jalon::scenarios
