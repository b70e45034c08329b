// The program `jalon`.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "eventstore/base/clock.h"
#include "projections/feed/contract.h"
#include "services/cli/cli.h"
#include "services/cli/verify_program.h"
#include "services/node/core_dumps.h"
#include "services/node/kafka_address.h"
#include "services/node/log_check.h"
#include "services/node/log_copy.h"
#include "services/node/log_restore.h"
#include "services/node/serve.h"
#include "services/node/signing.h"
#include "services/node/stopped_keys.h"
#include "services/node/tail_cut.h"

int main(int argc, char** argv) {
  // Before anything is read: an export opens what is sealed, and others hold the root key.
  if (!jalon::node::ForbidCoreDumps()) {
    std::fprintf(stderr, "jalon: core dumps cannot be forbidden: %s\n", std::strerror(errno));
    return 1;
  }
  const jalon::SystemClock clock;
  const jalon::cli::Wiring wiring = {
      .programs = {{"serve",
                    {"Run the server: an embedded log, one data folder, no other server",
                     "Lancer le serveur : un journal intégré, un dossier de données, aucun autre "
                     "serveur"},
                    jalon::node::Serve},
                   {"verify",
                    {"Check an export of a company's trail, offline, with a public key",
                     "Vérifier une exportation du registre d'une entreprise, hors ligne, avec une "
                     "clé publique"},
                    jalon::cli::BecomeVerify}},
      .cut_tail = [&clock](const std::string& data,
                           bool dry_run) { return jalon::node::CutTail(data, dry_run, clock); },
      .restore_log = jalon::node::RestoreLog,
      .verify_log = jalon::node::CheckStoppedLog,
      .init_log = jalon::node::InitLog,
      .copy_log = jalon::node::CopyLog,
      .make_signer = jalon::node::MakeSignerIn,
      .replace_signer = jalon::node::ReplaceSignerIn,
      .forget_signed = jalon::node::ForgetSignedIn,
      .rotate_key = jalon::node::RotateKeyIn,
      .retire_key = jalon::node::RetireKeyIn,
      .open_generation = jalon::node::OpenGenerationIn,
      .cut_memory = jalon::node::RepairMemoryIn,
      .cut_keys = jalon::node::RepairKeys,
      .restore_keys = jalon::node::RestoreKeys,
      .rotate_root = jalon::node::RotateRoot,
      .feed_descriptors = jalon::projections::PublishedDescriptors};
  return jalon::cli::Main(argc, argv, wiring);
}
