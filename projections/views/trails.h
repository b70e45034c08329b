// trails: the verifiable log of each company at a school: the tree over the entries of its trail,
// and what each entry says in clear and where it lies. What proofs, receipts, exports
// (projections/trail) and the queries of trails read.
//
// Keys, after the school (16):
//   'H' ‖ company_id (8)                                  TrailRow: size and frontier
//   'L' ‖ company_id (8) ‖ level (1) ‖ position (8)       TrailNodeRow: the root of a full subtree
//                                                         of 256^level leaves; level 0: a leaf
//   'P' ‖ company_id (8) ‖ index (8)                      TrailEntryRow: the event it is
// Numbers are big-endian. A tile of C2SP tlog-tiles is the at most 256 'L' rows whose keys are
// alike but for the last byte: an append writes its own rows and never one of 8 KiB. An entry's
// bytes stay in the log.
//
// Example: after its 257th entry, company 0102030405060708 has, beside H and 257 rows P,
//   'L' ‖ 0102030405060708 ‖ 00 ‖ 0000000000000000 … 0000000000000100     257 leaves: two tiles
//   'L' ‖ 0102030405060708 ‖ 01 ‖ 0000000000000000                        the first tile's root
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

namespace jalon::projections {

inline constexpr std::string_view kTrails = "trails";
inline constexpr uint32_t kTrailsVersion = 2;  // 2: entries say what is clear of them

std::unique_ptr<const View> MakeTrails();

// What follows the school in keys.
Key TrailKey(const CompanyId& company_id);
// The `position`th hash at a level of tiles.
Key TrailNodeKey(const CompanyId& company_id, unsigned level, uint64_t position);
Key TrailEntryKey(const CompanyId& company_id, uint64_t index);
// The prefixes of the rows of all trails, of a level of tiles, of one tile, and of all entries of a
// trail.
Key TrailsPrefix();
Key TrailNodesPrefix(const CompanyId& company_id, unsigned level);
Key TrailTilePrefix(const CompanyId& company_id, unsigned level, uint64_t tile);
Key TrailEntriesPrefix(const CompanyId& company_id);
// What is in the key of a row that TrailsPrefix or TrailEntriesPrefix finds.
CompanyId CompanyOfTrail(std::string_view key);
uint64_t IndexOfTrailEntry(std::string_view key);

}  // namespace jalon::projections
