// Looks for texts in every byte of every file of a folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jalon::canaries {

// A text to look for, and how it may be spelled: first of all as itself.
struct Wanted {
  std::string what;
  std::vector<std::string> spellings;
};

// The bytes themselves, and what a log line would make of them: hexadecimal, either case.
Wanted TextWanted(std::string_view text);
// Bytes that nobody would write as text: themselves, in hexadecimal, and in Base64. And any 16 of
// them from each sixteenth on: in a file of a database blocks may end in between, and what was
// found before is left out by compression.
Wanted KeyWanted(std::string what, std::string_view bytes);
// A date: as a protobuf field of that number, and in decimals.
Wanted DateWanted(uint32_t date, int field_number);

struct Hit {
  std::string file;
  size_t offset = 0;
  std::string around;  // a piece of the file there, printable
};

struct Found {
  std::vector<Hit> hits;  // the first one of each file
  uint64_t files = 0;     // searched
  uint64_t bytes = 0;     // that were written: holes in files hold nothing
};

// Every regular file below the folder, whole, and its path from there. The process aborts on a file
// that cannot be read.
Found Search(const std::string& folder, const Wanted& wanted);

}  // namespace jalon::canaries
