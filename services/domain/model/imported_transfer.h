// A transfer of another school that was imported, by its id: the same one again changes nothing.
#pragma once

#include "eventstore/base/ids.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

struct ImportedTransferState {
  static constexpr RowKind kKind = RowKind::kImportedTransfer;

  Bytes student_id;
  FactRef imported;

  void Fields(auto& archive) { archive(student_id, imported); }
  bool operator==(const ImportedTransferState&) const = default;
};

}  // namespace jalon::domain
