// `jalon serve --roles=vault`: the process that has the keys of a deployment, and nothing else. No
// log, no writer, no public port; one folder:
//
//   LOCK           held while it runs
//   keys/          the keys, wrapped; root.key, unless it lies elsewhere: back both up, apart from
//                  the log's backups, and with keys.witness
//   keys.epochs/   what wraps them, a file per school: one copy, apart from those of keys/, that is
//                  replaced after each erasure
//   keys.witness   how new the keys must be
//   deployment     whose keys they are
//   standing       whether it serves or stands by, and in which term
//   admin.sock     the operator's socket: jalon vault
//
// Moving a node's own keys here: stop the node, move its keys/, keys.epochs/, root.key and
// keys.witness (which stands in log/ where the log is embedded: copy it) into this folder, and
// start it with --vault.
#pragma once

#include <functional>
#include <memory>

#include "services/node/config.h"
#include "services/node/node.h"

namespace jalon::node {

// Errors and `on_fault` as of Node::Start; KEYS_MISSING and KEYS_OLDER protect the keys as they do
// those of a node, and CERTIFICATE_IS_ANOTHER says that the certificate is none of a vault.
Result<std::unique_ptr<Node>> StartVault(const Config& config,
                                         std::function<void(const Error&)> on_fault);

}  // namespace jalon::node
