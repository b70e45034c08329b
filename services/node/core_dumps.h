// No file may come of a process's memory: every command of `jalon` may hold keys or what they open.
#pragma once

namespace jalon::node {

// From now on, for this process: the limit rules out a file, and the mark also whoever would be
// handed the memory instead (core_pattern), or asks for it as the same user. What it executes in
// its place keeps the limit. False: the system refused, and errno says why.
bool ForbidCoreDumps();

}  // namespace jalon::node
