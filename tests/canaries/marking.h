// Replaces everything personal in a command by words that occur nowhere else, so that they can be
// looked for.
#pragma once

#include <google/protobuf/message.h>

#include <set>
#include <string>
#include <string_view>

namespace jalon::canaries {

// What every marked text begins with.
inline constexpr std::string_view kMark = "kanari-7Xq";
// What every estimate says that was in a word of the default scale (R20). That scale is in the
// program and in no file, unless a school sets one with this word: none here does. So wherever the
// word is found, it is an estimate's.
inline constexpr std::string_view kEstimate = "with some help";
// The day on which everybody is born whose date of birth was not given.
inline constexpr uint32_t kBornOn = 19330307;

// The fields of sealed sections by their paths, such as
// "EnrolStudents.rows.identity.guardian.name".
using Paths = std::set<std::string>;

// Marks the clear sections of the command, adds remarks where there may be some, and fills the
// fields in them that are empty and may be filled. Equal sections stay equal, different ones
// different. Returns which fields are marked now.
Paths Mark(google::protobuf::Message& command);

// Makes each text of the command's clear sections longer than any limit. False: it has none.
bool Oversize(google::protobuf::Message& command);

// Every field that a command of any service has in a sealed section.
Paths AllPersonal();

}  // namespace jalon::canaries
