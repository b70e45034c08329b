// school_catalogue: what a school teaches and by which rules: the school, its policy with all its
// history, programme versions, sequences. What the catalogue's queries and GetPolicy read.
//
// Keys, after the school (16):
//   's'                                                    SchoolRow
//   'p' ‖ code "/" language "/" version, as text           ProgrammeRow
//   'q' ‖ sequence_id (8)                                  SequenceRow
//   'v' ‖ sequence_id (8) ‖ version (u32, big-endian)      SequenceVersionRow
//
// Example: version 2 of sequence 0102030405060708 lies at school ‖ 'v' ‖ 0102030405060708 00000002.
// Programmes list by code, language and version; the versions of a sequence, by number.
//
// Fold: opens no seal. Version: see kSchoolCatalogueVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/catalogue_rows.h"
#include "projections/views/key.h"

namespace jalon::projections {

inline constexpr std::string_view kSchoolCatalogue = "school_catalogue";
inline constexpr uint32_t kSchoolCatalogueVersion = 1;

std::unique_ptr<const View> MakeSchoolCatalogue();

// What follows the school in keys.
Key SchoolKey();
Key ProgrammeKey(const ProgrammeName& programme);
Key SequenceKey(const SequenceId& sequence_id);
Key SequenceVersionKey(const SequenceId& sequence_id, uint32_t sequence_version);
// Prefixes: all programmes; those of a code; all sequences; all versions of a sequence.
Key ProgrammesPrefix(std::string_view code = {});
Key SequencesPrefix();
Key SequenceVersionsPrefix(const SequenceId& sequence_id);

}  // namespace jalon::projections
