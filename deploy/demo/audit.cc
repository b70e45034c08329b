#include "deploy/demo/audit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "eventstore/base/hash.h"

namespace jalon::demo {
namespace {

namespace fs = std::filesystem;

constexpr size_t kReportsMore = 3;
constexpr const char* kProof = ".tlog-proof";
constexpr uint64_t kEdited = 1;  // the entry whose bytes are changed
// What `jalon verify` exits with.
constexpr int kValid = 0;
constexpr int kAltered = 20;
constexpr int kTruncated = 22;
constexpr int kReceiptMissing = 23;

// The value of a text field in one object of JSON; empty if there is none.
std::string FieldOf(const std::string& json, const std::string& name) {
  const std::string begin = "\"" + name + "\":\"";
  const size_t at = json.find(begin);
  if (at == json.npos) return {};
  const size_t from = at + begin.size();
  return json.substr(from, json.find('"', from) - from);
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Turns a bit in the middle of the entry, which is in the first bundle. False if there is none.
bool EditEntry(const fs::path& exported, uint64_t entry) {
  fs::path bundle = exported / "tile/entries/000";
  for (const auto& file : fs::recursive_directory_iterator(exported / "tile/entries")) {
    if (!fs::exists(bundle) && file.is_regular_file()) bundle = file.path();
  }
  std::string bytes = ReadAll(bundle);
  size_t at = 0;
  const auto length = [&] {
    return at + 2 > bytes.size() ? 0
                                 : static_cast<size_t>(static_cast<uint8_t>(bytes[at])) * 256 +
                                       static_cast<uint8_t>(bytes[at + 1]);
  };
  for (uint64_t i = 0; i < entry; ++i) at += 2 + length();
  const size_t middle = at + 2 + length() / 2;
  if (middle >= bytes.size()) return false;
  bytes[middle] = static_cast<char>(bytes[middle] ^ 1);
  std::ofstream(bundle, std::ios::binary) << bytes;
  return true;
}

class Auditor {
 public:
  explicit Auditor(const Audit& audit) : audit_(audit), company_(ToHex(audit.company.id)) {}

  // Exports to a folder of that name, after the position if one is given.
  bool Export(const std::string& name, const std::string& after) {
    std::vector<std::string> words = {"trail", "export", company_, In(name), "--output", "json"};
    if (!after.empty()) words.insert(words.end(), {"--after", after});
    const Finished done = Asked(words);
    key_ = FieldOf(done.out, "verifierKey");
    size_ = FieldOf(done.out, "size");
    return Claim(done, 0,
                 fmt::format("jalon trail export {} {}: {} entries", company_, In(name), size_));
  }
  // The receipt of the last entry: one that came with the answer, or asked for now.
  bool KeepReceipt(const std::string& name, const std::vector<trail::v1::Receipt>& brought) {
    const std::string path = In(name);
    if (brought.empty()) {
      const std::string last = std::to_string(std::stoull(size_) - 1);
      const Finished done = Asked({"trail", "receipt", company_, last, "--out", path + kProof});
      const size_t key = done.err.find('+');
      receipts_key_ = done.err.substr(done.err.rfind(' ', key) + 1);
      receipts_key_.resize(receipts_key_.find_last_not_of('\n') + 1);
      return Claim(
          done, 0,
          fmt::format("jalon trail receipt {} {} --out {}", company_, last, path + kProof));
    }
    const trail::v1::Receipt& receipt = brought.back();
    std::ofstream(path + kProof, std::ios::binary) << receipt.tlog_proof();
    std::ofstream(path + ".entry", std::ios::binary) << receipt.entry();
    receipts_key_ = receipt.verifier_key();
    audit_.screen.Claim(
        receipt.trail() == key_.substr(0, key_.find('+')) && receipt.index() < std::stoull(size_),
        fmt::format("the tutor's report brought a signed receipt for entry {}: {}", receipt.index(),
                    path + kProof));
    return true;
  }
  // The root log's key, by which an export's proof that it was published is checked from here on.
  bool KeepRoot(const std::string& name) {
    const Finished done = Asked({"trail", "root", "--out", In(name)});
    const size_t key = done.err.find('+');
    root_key_ = done.err.substr(done.err.rfind(' ', key) + 1);
    root_key_.resize(root_key_.find_last_not_of('\n') + 1);
    return Claim(done, 0, fmt::format("jalon trail root --out {}", In(name)));
  }
  bool Keep(const std::string& name, const std::string& after) {
    return Claim(Asked({"trail", "checkpoint", company_, "--out", In(name), "--after", after}), 0,
                 fmt::format("jalon trail checkpoint {} --out {}", company_, In(name)));
  }
  // Without the server, by the export and the key alone, or with what was kept.
  bool Verify(const std::string& name, int verdict, const std::string& says,
              const std::string& kept = {}) {
    std::vector<std::string> words = {"verify", In(name), "--key", key_, "--lang", "en"};
    if (!root_key_.empty()) words.insert(words.end(), {"--published", "--key", root_key_});
    const bool is_receipt = kept.ends_with(kProof);
    if (is_receipt) words.insert(words.end(), {"--key", receipts_key_});
    const std::string option = is_receipt ? "--receipt" : "--checkpoint";
    if (!kept.empty()) words.insert(words.end(), {option, In(kept)});
    const Finished done = audit_.node.Offline(words);
    const bool said = (done.out + done.err).find(says) != std::string::npos;
    return Claim(done, said ? verdict : -1,
                 fmt::format("jalon verify {}{}{}: {}, exit {}", In(name),
                             root_key_.empty() ? "" : " --published",
                             kept.empty() ? "" : " " + option + " " + In(kept), says, verdict));
  }
  bool Edit(const std::string& from, const std::string& to) {
    fs::copy(In(from), In(to), fs::copy_options::recursive);
    const bool edited = EditEntry(In(to), kEdited);
    audit_.screen.Claim(edited,
                        fmt::format("one bit of entry {} changed in a copy, {}", kEdited, In(to)));
    return edited;
  }

 private:
  std::string In(const std::string& name) const { return audit_.folder + "/" + name; }
  Finished Asked(std::vector<std::string> words) const {
    words.insert(words.end(), {"--server", audit_.node.address(), "--token",
                               audit_.school.coordinator.client.token()});
    return audit_.node.Command(words);
  }
  bool Claim(const Finished& done, int exit_code, const std::string& text) const {
    audit_.screen.Claim(done.exit_code == exit_code, text);
    if (done.exit_code != exit_code) audit_.screen.Line(done.out + done.err);
    return done.exit_code == exit_code;
  }

  const Audit& audit_;
  const std::string company_;
  std::string key_;
  std::string receipts_key_;
  std::string root_key_;
  std::string size_;  // of the last export
};

std::string TextOf(const type::v1::Position& position) {
  return fmt::format("{}:{}:{}", ToHex(position.log_incarnation()), position.partition(),
                     position.seq());
}

}  // namespace

void AuditATrail(const Audit& audit) {
  fs::create_directories(audit.folder);
  Auditor auditor(audit);
  audit.screen.Line(Jalon::CanBeOffline()
                        ? "jalon verify runs in a network namespace of its own, with nothing in it"
                        : "no network namespace can be made here: jalon verify runs without one");
  if (!auditor.Export("before", TextOf(audit.report(1).last)) ||
      !auditor.Verify("before", kValid, "VALID")) {
    return;
  }
  if (audit.is_published && !auditor.KeepRoot("root.checkpoint")) return;
  const Reported more = audit.report(kReportsMore);
  const std::string now = TextOf(more.last);
  if (!auditor.Keep("kept.checkpoint", now) || !auditor.Export("after", now) ||
      !auditor.Verify("after", kValid, "VALID", "kept.checkpoint") ||
      !auditor.KeepReceipt("tutor", more.receipts) ||
      !auditor.Verify("after", kValid, "VALID", "tutor.tlog-proof")) {
    return;
  }
  if (auditor.Edit("after", "edited")) {
    auditor.Verify("edited", kAltered, fmt::format("entry {}", kEdited));
  }
  auditor.Verify("before", kTruncated, "TRUNCATED", "kept.checkpoint");
  auditor.Verify("before", kReceiptMissing, "RECEIPT MISSING", "tutor.tlog-proof");
}

}  // namespace jalon::demo
