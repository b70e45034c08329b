#include "services/cli/read_file.h"

#include <array>
#include <filesystem>
#include <fstream>

namespace jalon::cli {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> NotRead(std::string words) {
  return Fail(Code::kInvalidArgument, "FILE_NOT_READ", std::move(words));
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, uint64_t bytes_max, Language language) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (status.type() == fs::file_type::not_found) {
    return NotRead(
        Say(language,
            {"{}: there is no such file; check its name and the folder you are in",
             "{} : ce fichier n'existe pas; vérifiez son nom et le dossier où vous êtes"},
            path));
  }
  if (fs::is_directory(status)) {
    return NotRead(Say(language,
                       {"{}: this is a folder; name a file in it",
                        "{} : c'est un dossier; nommez un fichier qui s'y trouve"},
                       path));
  }
  if (const uintmax_t bytes = fs::is_regular_file(status) ? fs::file_size(path, failed) : 0;
      !failed && bytes > bytes_max) {
    return NotRead(Say(language,
                       {"{}: {} bytes, and at most {} are read; is it the right file?",
                        "{} : {} octets, et on en lit au plus {}; est-ce le bon fichier?"},
                       path, bytes, bytes_max));
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  std::array<char, 64 * 1024> block;
  while (bytes.size() <= bytes_max &&
         (file.read(block.data(), block.size()) || file.gcount() > 0)) {
    bytes.append(block.data(), static_cast<size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad() || bytes.size() > bytes_max) {
    return NotRead(Say(language,
                       {"{}: it cannot be read; check who may read it",
                        "{} : il ne peut pas être lu; vérifiez qui a le droit de le lire"},
                       path));
  }
  return bytes;
}

}  // namespace jalon::cli
