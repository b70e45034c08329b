#include "services/cli/operator.h"

namespace jalon::cli {

Field DataField(std::string* into) {
  return Text("--data", "DIR",
              {"the data folder of the server", "le dossier de données du serveur"}, into)
      .From("JALON_DATA")
      .Required();
}

}  // namespace jalon::cli
