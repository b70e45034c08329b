// What holds for the content of a sequence, whichever command states it.
#pragma once

#include <set>
#include <string>

#include "jalon/catalogue/v1/definition.pb.h"
#include "services/domain/context.h"
#include "services/domain/refusals.h"
#include "services/domain/scope.h"
#include "services/domain/state.h"

namespace jalon::domain {

// The sequence, as far as it is in the caller's scope; null otherwise: NOT_FOUND.
const SequenceState* FindSequence(const Context& context, State& state, const Bytes& sequence_id);

// The definition that a sequence has now.
catalogue::v1::SequenceDefinition DefinitionOf(const SequenceState& sequence);
// Valid as long as the definition.
Matter MatterOf(const catalogue::v1::SequenceDefinition& definition);

// R12: each objective lies in a target. A code stands once.
void CheckObjectives(const catalogue::v1::SequenceDefinition& definition, Refusals& refusals);

// R12: each activity works towards an objective of the sequence, and covers nothing outside of its
// targets. A code stands once.
void CheckActivities(const catalogue::v1::SequenceDefinition& definition, Refusals& refusals);

// R7: an activity says what is done, what is there when it is done, and how long it takes.
void CheckPrecision(const catalogue::v1::SequenceDefinition& definition, Refusals& refusals);

// R9, R12: each target has an activity; complete development covers every element, where they are
// known; partial development says what the school does.
void CheckCoverage(const catalogue::v1::SequenceDefinition& definition,
                   const ProgrammeState& programme, Refusals& refusals);

// The modules that an activity touches: those its objectives lie in.
std::set<std::string> ModulesOf(const catalogue::v1::SequenceDefinition& definition,
                                const catalogue::v1::ActivityDefinition& activity);

}  // namespace jalon::domain
