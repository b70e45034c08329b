// Commands that the rules of the framework refuse, sent on purpose and shown with rule, words and
// remedy.
#pragma once

#include <string>
#include <vector>

#include "deploy/demo/crew.h"
#include "deploy/demo/school.h"
#include "deploy/demo/screen.h"

namespace jalon::demo {

// Every reason that these ask for.
std::vector<std::string> RefusedOnPurpose();
// Before the stay: no target (R1), a mode left out (R9), content by a company (R6), a start too
// early (R5, R13, R19).
void RefuseBeforeTheStay(const School& school, Crew& crew, Screen& screen, uint32_t start_on);
// During the stay: a mark instead of an estimate (R20), an end with silent activities (R5), an
// evaluation by a tutor (R15) or before the end (R18).
void RefuseDuringTheStay(const School& school, Crew& crew, Screen& screen, uint32_t today_on);

}  // namespace jalon::demo
