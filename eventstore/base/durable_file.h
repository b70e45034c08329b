// Small files that are there whole, or not at all: each is written under another name, synced, and
// then gets its own, and the folder is synced so that a power cut does not take the name back.
//
// What failed is returned as the system named it; an empty code is success. The caller says in its
// own words what to do next.
//
// Durability: what succeeded survives a crash. After a failure or a crash the path holds what it
// held before, or all of what was asked for; a file beside it, PATH.next or PATH.next.SOMETHING,
// may be left over, and is never read.
// Thread safety: any thread; one at a time for one path, but for CreateFileDurably.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace jalon {

// For its owner only; replaces what is there.
[[nodiscard]] std::error_code WriteFileDurably(const std::string& path, std::string_view bytes);
// For its owner only; file_exists if there is one, also where another process makes it just now.
[[nodiscard]] std::error_code CreateFileDurably(const std::string& path, std::string_view bytes);
// The only one that a crash may leave half done: part of `bytes` may stand at the end.
[[nodiscard]] std::error_code AppendDurably(const std::string& path, std::string_view bytes);
// Of a file or a folder, within one file system; what lies in it must be synced already.
[[nodiscard]] std::error_code RenameDurably(const std::string& from, const std::string& to);
// A file that is not there is removed.
[[nodiscard]] std::error_code RemoveDurably(const std::string& path);
// Overwritten in place before it is removed, each durably; what a disk keeps of blocks that were
// overwritten is beyond it. A crash may leave a file of zeros. Not there: done.
[[nodiscard]] std::error_code EraseFileDurably(const std::string& path);
// The names in it, not what they stand for.
[[nodiscard]] std::error_code SyncFolder(const std::string& folder);

}  // namespace jalon
