// trails: the verifiable log of each company at a school: the tree over the entries of its trail,
// and what each entry says in clear and where it lies. What proofs, receipts, exports
// (projections/trail) and the queries of trails read.
//
// Keys, after the school (16): the rows of a tree of each company's name (tree_rows.h), and
//   'P' ‖ company_id (8) ‖ index (8)      TrailEntryRow: the event it is
// The index is big-endian. An entry's bytes stay in the log.
//
// Example: the second entry of company 0102030405060708 is
//   'P' ‖ 0102030405060708 ‖ 0000000000000001
//
// Fold: the events with a place in a trail; whether one has is decided by who wrote it, by its
// origin. One that is not the next of its trail is refused: the writer counts the same way, so no
// sound log holds it. Opens no seal. Version: see kTrailsVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/id.h"
#include "projections/views/key.h"
#include "projections/views/trail_row.h"
#include "projections/views/tree_rows.h"

namespace jalon::projections {

inline constexpr std::string_view kTrails = "trails";
inline constexpr uint32_t kTrailsVersion = 3;  // 3: nodes at every fourth level

std::unique_ptr<const View> MakeTrails();

// What follows the school in keys.
Key TrailEntryKey(const CompanyId& company_id, uint64_t index);
// The prefix of all entries of a trail.
Key TrailEntriesPrefix(const CompanyId& company_id);
// What is in the key of a row that TreesPrefix or TrailEntriesPrefix finds.
CompanyId CompanyOfTrail(std::string_view key);
uint64_t IndexOfTrailEntry(std::string_view key);

}  // namespace jalon::projections
