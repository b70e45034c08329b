// Who signs the trails: this node, if it holds the deployment's key.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/signer/signer.h"
#include "services/node/data_folder.h"

namespace jalon::node {

// Alone on its log, a node signs by itself, and makes key and memory where nothing was ever
// `written` to it. On a shared log only one that was given the key does, and others get null:
// another key would be another signer of the same trails, and so a lost one is never replaced here.
// Errors: FAILED_PRECONDITION SIGNER_KEY_LOST; those of OpenSignerFolder.
Result<std::unique_ptr<eventstore::Signer>> OpenSigner(DataFolder& folder, bool written);

// Whose transfers of students count beside the deployment's own: verifier keys, one a line, in
// files; an empty line or one that begins with # says nothing. FAILED_PRECONDITION
// TRANSFER_ISSUERS_INVALID, with the file and the line.
Result<std::vector<trail::VerifierKey>> ReadIssuers(const std::vector<std::string>& files);

// Makes the signer of a data folder, or only an empty memory beside its key: MakeSigner and
// ForgetSigned, and their errors.
Result<eventstore::SigningKey> MakeSignerIn(const std::string& data);
Result<eventstore::SigningKey> ForgetSignedIn(const std::string& data);

}  // namespace jalon::node
