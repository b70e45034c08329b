// What a fuzz target is: a reader of bytes that strangers, or a broken disk, may have written.
//
// Each target is one file that defines the two functions below. With libFuzzer's main
// (libfuzzer.cc) it searches for bytes that break it; with replay.cc's it is a test of `./dev
// test`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/check.h"

namespace jalon::fuzz {

// Reads the input. Ends the process (JALON_CHECK, a sanitizer) if a promise of the reader breaks.
void Run(std::string_view input);

// Inputs that are well-formed, to begin from.
std::vector<std::string> Seeds();

}  // namespace jalon::fuzz
