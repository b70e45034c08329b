#include "services/cli/verify/run.h"

#include <filesystem>
#include <sstream>
#include <system_error>

#include "eventstore/trail/note.h"
#include "eventstore/trail/rotation.h"
#include "eventstore/trail/verify/verify.h"
#include "services/cli/interrupt.h"
#include "services/cli/progress.h"
#include "services/cli/read_file.h"
#include "services/cli/verify/arguments.h"
#include "services/cli/verify/findings.h"
#include "services/cli/verify/report.h"

namespace jalon::cli {
namespace {

constexpr uint64_t kKeysBytesMax = 65536;  // of a file, some hundreds
constexpr uint64_t kReceiptBytesMax = trail::kNoteBytesMax + 64 * 1024;

// Fills the question from the files that the arguments name; what cannot be read ends it.
class Reader {
 public:
  Reader(const VerifyArguments& arguments, const Clock& clock, Output& output)
      : arguments_(arguments), clock_(clock), output_(output) {}

  std::expected<trail::Question, ExitCode> Read() {
    question_.folder = arguments_.folder;
    question_.threads = arguments_.threads;
    question_.published = arguments_.published;
    for (const std::string& key : arguments_.keys) ReadKeys(key);
    if (!arguments_.policy.empty()) ReadPolicy();
    for (const std::string& file : arguments_.rotations) ReadRotation(file);
    for (const std::string& file : arguments_.older) {
      question_.older.push_back({file, ReadAll(file, trail::kNoteBytesMax), {}});
    }
    for (const std::string& file : arguments_.receipts) {
      question_.receipts.push_back({file, ReadAll(file, kReceiptBytesMax), EntryBeside(file)});
    }
    if (arguments_.max_age_hours) {
      const auto now = static_cast<uint64_t>(
          std::chrono::duration_cast<std::chrono::seconds>(clock_.Wall()).count());
      const uint64_t at = arguments_.at_s.value_or(now);
      const uint64_t age_s = *arguments_.max_age_hours * 3600;
      question_.since_s = at > age_s ? at - age_s : 0;
      question_.until_s = at + trail::kWitnessAheadMaxS;
    }
    if (failed_) return std::unexpected(ExitCode::kUsage);
    return std::move(question_);
  }

 private:
  void Fail(const std::string& words) {
    failed_ = true;
    output_.err << "jalon verify: " << words << '\n';
  }

  std::string ReadAll(const std::string& file, uint64_t bytes_max) {
    auto bytes = ReadFile(file, bytes_max, output_.language);
    if (!bytes) Fail(bytes.error().message);
    return bytes.value_or(std::string());
  }

  // A verifier key, or a file that holds one on each line.
  void ReadKeys(const std::string& text) {
    if (auto key = trail::ParseVerifierKey(text)) {
      question_.keys.push_back(*std::move(key));
      return;
    }
    std::error_code unknown;  // then it is no file that could be read
    if (!std::filesystem::is_regular_file(text, unknown)) return NoKey(text);
    std::istringstream lines(ReadAll(text, kKeysBytesMax));
    const size_t before = question_.keys.size();
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line.starts_with('#')) continue;
      auto key = trail::ParseVerifierKey(line);
      if (!key) return NoKey(text);
      question_.keys.push_back(*std::move(key));
    }
    if (question_.keys.size() == before && !failed_) NoKey(text);
  }

  void NoKey(const std::string& text) {
    Fail(output_.Say({"{}: neither a verifier key nor a file with one on each line; it looks like "
                      "'name+1a2b3c4d+AQ…'",
                      "{} : ni une clé de vérification ni un fichier qui en a une par ligne; elle "
                      "ressemble à « nom+1a2b3c4d+AQ… »"},
                     text));
  }

  // Adds the key that comes after each that the note is of.
  void ReadRotation(const std::string& file) {
    const std::string note = ReadAll(file, trail::kNoteBytesMax);
    if (failed_) return;
    std::vector<trail::VerifierKey> next;
    auto flaw = trail::Flaw::kRotationOfOtherKey;
    for (const trail::VerifierKey& key : question_.keys) {
      if (key.type != trail::KeyType::kLog) continue;  // a witness's is no key of a log
      const auto to = trail::OpenRotation(note, key.key);
      if (to) {
        next.push_back(trail::MakeVerifierKey(key.name, key.type, *to));
        question_.replaced.push_back(key.key);
      }
      // Of several keys it is of one; what is wrong with it otherwise is told.
      if (!to && to.error() != trail::Flaw::kRotationOfOtherKey) flaw = to.error();
    }
    question_.keys.insert(question_.keys.end(), next.begin(), next.end());
    if (next.empty()) Fail(FindingText({.flaw = flaw, .file = file}, output_.language));
  }

  void ReadPolicy() {
    auto policy = trail::ParsePolicy(ReadAll(arguments_.policy, trail::kPolicyBytesMax));
    if (failed_) return;
    if (!policy) {
      Fail(FindingText(
          {.flaw = policy.error().flaw, .file = arguments_.policy, .number = policy.error().line},
          output_.language));
      return;
    }
    if (arguments_.max_age_hours && !policy->NeedsWitnesses()) {
      Fail(output_.Say({"{}: the policy needs no witness ('quorum none'), so --max-age would ask "
                        "nothing: leave it out, or name whose word is needed",
                        "{} : la politique ne demande aucun témoin (« quorum none »), et --max-age "
                        "n'exigerait rien : retirez-le, ou nommez ceux dont il faut la parole"},
                       arguments_.policy));
      return;
    }
    question_.keys.insert(question_.keys.end(), policy->logs.begin(), policy->logs.end());
    question_.policy = *std::move(policy);
  }

  // The bytes of the entry that a receipt is for, where they lie beside it.
  std::optional<std::string> EntryBeside(const std::string& receipt) {
    const auto file = std::filesystem::path(receipt).replace_extension(".entry");
    std::error_code unknown;  // where the folder cannot be read, neither can the receipt
    if (file == receipt || !std::filesystem::exists(file, unknown)) return std::nullopt;
    return ReadAll(file.string(), kReceiptBytesMax);
  }

  const VerifyArguments& arguments_;
  const Clock& clock_;
  Output& output_;
  trail::Question question_;
  bool failed_ = false;
};

}  // namespace

int RunVerify(const std::vector<std::string>& arguments, const Clock& clock, Output& output) {
  const auto read = ReadVerifyArguments(arguments, output);
  if (!read) return static_cast<int>(read.error());
  auto question = Reader(*read, clock, output).Read();
  if (!question) return static_cast<int>(question.error());

  const Interrupt interrupt;
  Result<trail::Report> report;
  {
    ProgressBar bar(output);
    const std::string what = output.Say({"verifying", "vérification"});
    const Micros began = clock.Monotonic();
    question->progress = [&](uint64_t done, uint64_t total) {
      const auto elapsed =
          std::chrono::duration_cast<std::chrono::milliseconds>(clock.Monotonic() - began);
      bar.Show(what, done, total, static_cast<uint64_t>(elapsed.count()));
      return !interrupt.Came();
    };
    report = trail::VerifyExport(*question);
  }
  if (interrupt.Came()) return static_cast<int>(Interrupted(output));
  if (!report) {
    output.err << output.Say({"jalon verify: nothing can be said of it: {}\n",
                              "jalon verify : on ne peut rien en dire : {}\n"},
                             report.error().message);
    return static_cast<int>(ExitCodeOf(report.error().code, false));
  }
  ShowReport(*report, output);
  return static_cast<int>(ExitCodeOf(report->verdict));
}

}  // namespace jalon::cli
