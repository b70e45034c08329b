// What the nouns of an operator share: the data folder, and the server through the socket in it.
#pragma once

#include <string>

#include "services/cli/field.h"
#include "services/cli/output.h"
#include "services/client/admin.h"

namespace jalon::cli {

// --data, required: the data folder of the server.
Field DataField(std::string* into);

// The server whose data folder that is.
inline client::Admin Operator(const std::string& data, const Output& output) {
  return client::Admin(data, output.language == Language::kFrench ? "fr" : "en");
}

}  // namespace jalon::cli
