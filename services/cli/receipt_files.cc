#include "services/cli/receipt_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "eventstore/base/hash.h"
#include "services/cli/write_file.h"

namespace jalon::cli {
namespace {

constexpr std::string_view kProofEnding = ".tlog-proof";
constexpr std::string_view kEntryEnding = ".entry";

}  // namespace

// The proof last: a receipt that is there is whole.
bool WriteReceipt(const trail::v1::Receipt& receipt, std::string path, Output& output) {
  if (path.ends_with(kProofEnding)) path.resize(path.size() - kProofEnding.size());
  return WriteNew(path + std::string(kEntryEnding), receipt.entry(), output) &&
         WriteNew(path + std::string(kProofEnding), receipt.tlog_proof(), output);
}

bool KeepReceipts(const google::protobuf::RepeatedPtrField<trail::v1::Receipt>& receipts,
                  const std::string& folder, Output& output) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    output.err << output.Say(
        {"jalon: {} cannot be made: {}\n", "jalon : {} ne peut être créé : {}\n"}, folder,
        error.message());
    return false;
  }
  for (const trail::v1::Receipt& receipt : receipts) {
    if (receipt.tlog_proof().empty()) continue;  // its place only: it is still to come
    const std::string path =
        fmt::format("{}/{}-{}", folder, ToHex(receipt.company_id()), receipt.index());
    if (std::filesystem::exists(path + std::string(kProofEnding), error)) continue;
    // Of a try that was cut short.
    std::filesystem::remove(path + std::string(kEntryEnding), error);
    if (!WriteReceipt(receipt, path, output)) return false;
  }
  return true;
}

}  // namespace jalon::cli
