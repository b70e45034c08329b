#include "services/cli/write_file.h"

#include <filesystem>
#include <fstream>

namespace jalon::cli {

bool WriteNew(const std::string& path, std::string_view bytes, Output& output) {
  std::error_code none;
  if (std::filesystem::exists(path, none)) {
    output.err << output.Say({"jalon: {} is already there: give another name\n",
                              "jalon : {} existe déjà : donnez un autre nom\n"},
                             path);
    return false;
  }
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.flush().good()) return true;
  output.err << output.Say({"jalon: {} cannot be written\n", "jalon : {} ne peut pas être écrit\n"},
                           path);
  return false;
}

}  // namespace jalon::cli
