// A transfer of another school that was imported, by its id: the same one again changes nothing.
#pragma once

#include <string>

#include "eventstore/base/ids.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

struct ImportedTransferState {
  static constexpr RowKind kKind = RowKind::kImportedTransfer;

  Bytes student_id;
  FactRef imported;
  std::string issuer;  // the name of the key that signed it
  Bytes file_sha256;

  void Fields(auto& archive) { archive(student_id, imported, issuer, file_sha256); }
  bool operator==(const ImportedTransferState&) const = default;
};

}  // namespace jalon::domain
