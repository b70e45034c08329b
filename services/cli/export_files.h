// An export written as a server sends it: only to names that an export has, whatever the server
// says, and never over what is there.
//
// Thread safety: none. Durability: none; without its checkpoint a folder is no export.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "services/cli/words.h"

namespace jalon::cli {

class ExportFiles {
 public:
  // Makes the folder. ALREADY_EXISTS if something is there; UNAVAILABLE NOT_WRITTEN.
  static Result<ExportFiles> Create(const std::string& folder, Language language);

  // A file or, under the path that came last, the next piece of it. DATA_LOSS EXPORT_MALFORMED for
  // a path that is none of an export's, and for one that comes again; UNAVAILABLE NOT_WRITTEN.
  Result<void> Write(const std::string& path, std::string_view bytes);

  bool HasCheckpoint() const { return last_ == "checkpoint"; }

 private:
  ExportFiles(std::filesystem::path folder, Language language)
      : folder_(std::move(folder)), language_(language) {}

  std::filesystem::path folder_;
  Language language_;
  std::string last_;
};

// "checkpoint", "tile/entries/000", "tile/0/x001/067.p/12": the names of C2SP tlog-tiles; and
// "root.tlog-proof", "root.consistency", "root.next.tlog-proof".
bool IsExportPath(std::string_view path);

}  // namespace jalon::cli
