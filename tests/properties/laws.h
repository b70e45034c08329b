// What holds in every history (the catalogue's properties under section (b)), as functions that say
// what is wrong; nothing, if all holds.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "tests/properties/history.h"

namespace jalon::properties {

using Reasons = std::set<std::string>;  // as Oracle::Reasons writes them
// Of every student of the cast and every module.
using AllReasons = std::map<std::pair<size_t, std::string>, Reasons>;

// What GetSummativeEligibility answers for a first sitting on `on`.
Reasons Shown(Cast& cast, size_t student, const std::string& module, uint32_t on);
AllReasons AllShown(Cast& cast, uint32_t on);

// The query says what the page says: the same reasons as the oracle's.
std::string QueryAgreesWithOracle(Cast& cast, uint32_t on);
// 1: what the query shows is what the command answers there: nothing refuses an evaluation that is
// right otherwise but the reasons shown, and nothing shown lets it through.
std::string CommandAgreesWithQuery(Cast& cast, size_t student, const std::string& module,
                                   uint32_t on);
// 2: what is silent (Move) changes no reason, and a start no reason but its own.
std::string SilentMovesChangeNothing(const Cast& cast, const Move& move, const AllReasons& before,
                                     const AllReasons& after);
// 4, R18: what releases nobody, such as planning or enrolling, makes no module eligible.
std::string NothingIsCleared(const AllReasons& before, const AllReasons& after);
// 3 and 5: with a company that says nothing more, the school alone clears every reason, each by a
// command that the reason names, and each is gone once that command succeeded.
std::string SchoolAloneClearsAll(Cast& cast);
// Once evaluated a module stays so, whatever is reported late; a report that meets the evaluation
// of what was presumed raises a review.
std::string ResultsStand(Cast& cast, const History& history);

}  // namespace jalon::properties
