#include "services/cli/note_files.h"

#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "services/cli/read_file.h"
#include "services/cli/text.h"
#include "services/cli/write_file.h"

namespace jalon::cli {

ExitCode SaveNote(const std::string& text, const std::string& path, Output& output) {
  if (path.empty()) {
    output.out << text;
    return ExitCode::kOk;
  }
  return WriteNew(path, text, output) ? ExitCode::kOk : ExitCode::kNotWritten;
}

void SayVerifier(const std::string& verifier_key, Output& output) {
  output.err << output.Say({"Verified with the key:\n  {}\n", "Se vérifie avec la clé :\n  {}\n"},
                           Printable(verifier_key));
}

Field OutField(std::string* into) {
  return Text(
      "--out", "FILE",
      {"the file to make; else standard output", "le fichier à créer; sinon la sortie standard"},
      into);
}

Result<std::string> ReadCheckpoint(const std::string& path, Language language) {
  JALON_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, trail::kNoteBytesMax, language));
  if (const auto note = trail::ParseNote(bytes)) {
    if (trail::ParseCheckpoint(note->text)) return bytes;
  }
  return Fail(Code::kInvalidArgument, "FILE_NOT_READ",
              Say(language,
                  {"{}: not a signed checkpoint, as 'jalon trail root --out' makes it; name the "
                   "one that you kept",
                   "{} : pas un point de contrôle signé, tel que le fait « jalon trail root "
                   "--out »; nommez celui que vous avez gardé"},
                  path));
}

}  // namespace jalon::cli
