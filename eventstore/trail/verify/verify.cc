#include "eventstore/trail/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "eventstore/trail/note.h"
#include "eventstore/trail/verify/entries.h"
#include "eventstore/trail/verify/evidence.h"
#include "eventstore/trail/verify/file.h"
#include "eventstore/trail/verify/root_proof.h"
#include "eventstore/trail/verify/signed_checkpoint.h"

namespace jalon::trail {
namespace {

// Which of two findings is the verdict, the larger one. Two histories, a history cut short and an
// entry left out accuse whoever holds the key, and stay true whatever else is wrong.
int GravityOf(const Finding& finding) {
  // What an entry is, under the signed root, is no matter of a file's form.
  if (finding.flaw == Flaw::kEntryTooLong || finding.flaw == Flaw::kEntryEnvelope ||
      finding.flaw == Flaw::kOriginOfOtherEntries) {
    return 3;
  }
  switch (VerdictOf(finding.flaw)) {
    case Verdict::kForked:
      return 6;
    case Verdict::kTruncated:
      return 5;
    case Verdict::kReceiptMissing:
      return 4;
    case Verdict::kAltered:
    case Verdict::kUnsigned:
      return 3;
    case Verdict::kStale:
      return 2;
    case Verdict::kWrongOrigin:
    case Verdict::kMalformed:
      return 1;
    case Verdict::kValid:
      break;
  }
  return 0;
}

}  // namespace

void Report::Add(Finding finding) {
  ++findings_total;
  const bool is_gravest = !gravest || GravityOf(finding) > GravityOf(*gravest);
  if (is_gravest) {
    gravest = finding;
    verdict = VerdictOf(finding.flaw);
  }
  if (findings.size() < kFindingsMax) {
    findings.push_back(std::move(finding));
  } else if (is_gravest) {
    findings.back() = std::move(finding);
  }
}

Result<Report> VerifyExport(const Question& question) {
  static constexpr const char* kCheckpoint = "checkpoint";
  Report report;
  std::error_code error;
  if (!std::filesystem::is_directory(question.folder, error)) {
    return Fail(Code::kNotFound, "NOT_READ",
                fmt::format("{} is no folder. Name the folder that holds the file 'checkpoint'.",
                            question.folder.string()));
  }
  std::string bytes;
  JALON_ASSIGN_OR_RETURN(const FileRead read,
                         ReadInto((question.folder / kCheckpoint).string(), kNoteBytesMax, &bytes));
  if (read == FileRead::kMissing) {  // then it claims nothing
    return Fail(
        Code::kNotFound, "NOT_READ",
        fmt::format("{} has no file 'checkpoint', so it is no export, or no whole one: name "
                    "the folder that holds it, or ask for the export again",
                    question.folder.string()));
  }
  if (read != FileRead::kWhole) {
    report.Add({.flaw = Flaw::kTooManySignatures, .file = kCheckpoint});
    return report;
  }
  static const std::vector<VerifierKey> kNobody;
  const auto opened =
      OpenCheckpoint(bytes, kCheckpoint, question.keys,
                     question.policy ? question.policy->witnesses : kNobody, &report.checkpoint);
  if (!opened) {
    report.Add(opened.error());
    return report;
  }

  report.signed_by = opened->logs;
  report.only_replaced_signed = std::ranges::all_of(opened->logs, [&](const VerifierKey& key) {
    return std::ranges::find(question.replaced, key.key) != question.replaced.end();
  });
  const HeldEvidence evidence(question, opened->checkpoint, bytes);
  JALON_ASSIGN_OR_RETURN(const Entries entries,
                         CheckEntries(question, opened->checkpoint, evidence.wanted(), &report));
  if (!entries.hold) return report;
  evidence.CheckOlder(entries, &report);
  JALON_ASSIGN_OR_RETURN(const auto root, CheckRootProof(question, opened->checkpoint, &report));
  JALON_RETURN_IF_ERROR(evidence.CheckOlderRoots(root ? &*root : nullptr, &report));
  CheckWitnesses(question, *opened, root ? &root->opened : nullptr, &report);
  evidence.CheckReceipts(entries, &report);
  return report;
}

}  // namespace jalon::trail
