// The files of an exported trail, as whoever holds a copy finds them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace jalon::demo {

// All bundles of entries, one behind the other: the bytes that a trail only ever adds to.
std::string EntriesOf(const std::filesystem::path& exported);

// The index of the first estimate of the student (8 bytes) with words in it.
std::optional<uint64_t> FindEstimate(const std::filesystem::path& exported,
                                     const std::string& student_id);

// Edits the comment of the estimate at `index`, sealed as it is: its last letter has another bit.
// False if that entry is no estimate with a comment.
bool EditComment(const std::filesystem::path& exported, uint64_t index);

}  // namespace jalon::demo
