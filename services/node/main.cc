// The program `jalon`.
#include "services/cli/cli.h"
#include "services/node/serve.h"

int main(int argc, char** argv) {
  const jalon::cli::Wiring wiring = {
      .programs = {{"serve",
                    {"Run the server: an embedded log, one data folder, no other server",
                     "Lancer le serveur : un journal intégré, un dossier de données, aucun autre "
                     "serveur"},
                    jalon::node::Serve}},
      .cut_tail = {}};
  return jalon::cli::Main(argc, argv, wiring);
}
