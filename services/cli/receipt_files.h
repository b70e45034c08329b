// Receipts kept as files: NAME.tlog-proof, and the entry's bytes beside it in NAME.entry, where
// `jalon verify --receipt NAME.tlog-proof` finds them.
//
// Durability: none beyond that of a written file. Thread safety: any thread.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "jalon/trail/v1/receipt.pb.h"
#include "services/cli/output.h"

namespace jalon::cli {

// Writes both files, of which neither may be there yet; says so on `err` if it cannot. `path` ends
// in ".tlog-proof", or gets that.
bool WriteReceipt(const trail::v1::Receipt& receipt, std::string path, Output& output);

// Keeps each that is signed in the folder, which is made if it is not there, as
// COMPANY-ENTRY.tlog-proof. One that is there already is kept: an older receipt says all that a
// newer one says. False if one could not be kept, which was said.
bool KeepReceipts(const google::protobuf::RepeatedPtrField<trail::v1::Receipt>& receipts,
                  const std::string& folder, Output& output);

}  // namespace jalon::cli
