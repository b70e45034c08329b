#include "services/cli/export_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "eventstore/trail/tile.h"

namespace jalon::cli {
namespace {

bool AreDigits(std::string_view text, size_t least, size_t most) {
  return least <= text.size() && text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return '0' <= c && c <= '9'; });
}

// Takes what stands before the next slash off the front.
std::string_view TakePart(std::string_view* path) {
  const size_t slash = path->find('/');
  const std::string_view part = path->substr(0, slash);
  path->remove_prefix(slash == path->npos ? path->size() : slash + 1);
  return part;
}

std::unexpected<Error> NotWritten(const std::filesystem::path& file, const std::string& why,
                                  Language language) {
  return Fail(
      Code::kUnavailable, "NOT_WRITTEN",
      Say(language,
          {"{} cannot be written: {}. Free space or choose another folder, and export again",
           "{} ne peut pas être écrit : {}. Libérez de l'espace ou choisissez un autre "
           "dossier, et exportez de nouveau"},
          file.string(), why));
}

}  // namespace

bool IsExportPath(std::string_view path) {
  if (path == "checkpoint" || path == trail::kRootProofFile ||
      path == trail::kRootConsistencyFile || path == trail::kRootNextFile) {
    return true;
  }
  if (path.empty() || path.back() == '/' || TakePart(&path) != "tile") return false;
  const std::string_view level = TakePart(&path);
  if (level != "entries" && !AreDigits(level, 1, 2)) return false;
  while (path.starts_with('x')) {
    if (!AreDigits(TakePart(&path).substr(1), 3, 3)) return false;
  }
  std::string_view last = TakePart(&path);
  if (!last.ends_with(".p")) return path.empty() && AreDigits(last, 3, 3);
  last.remove_suffix(2);
  return AreDigits(last, 3, 3) && AreDigits(path, 1, 3);
}

Result<ExportFiles> ExportFiles::Create(const std::string& folder, Language language) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) return ExportFiles(folder, language);
  if (error) return NotWritten(folder, error.message(), language);
  return Fail(Code::kAlreadyExists, "ALREADY_EXISTS",
              Say(language,
                  {"{} is already there: export to a new folder",
                   "{} existe déjà : exportez dans un nouveau dossier"},
                  folder));
}

Result<void> ExportFiles::Write(const std::string& path, std::string_view bytes) {
  const std::filesystem::path file = folder_ / path;
  std::error_code error;
  if (!IsExportPath(path) || (path != last_ && std::filesystem::exists(file, error))) {
    return Fail(
        Code::kDataLoss, "EXPORT_MALFORMED",
        Say(language_,
            {"the server sent what belongs to no export; that was not written, but what came "
             "before "
             "it is in {}: remove it, it is no export",
             "le serveur a envoyé ce qui n'est d'aucune exportation; cela n'a pas été écrit, mais "
             "ce qui est venu avant est dans {} : supprimez-le, ce n'est pas une exportation"},
            folder_.string()));
  }
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) return NotWritten(file, error.message(), language_);
  errno = 0;
  std::ofstream stream(file, std::ios::binary | std::ios::app);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) return NotWritten(file, std::strerror(errno), language_);
  last_ = path;
  return {};
}

}  // namespace jalon::cli
