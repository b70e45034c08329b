#include "deploy/demo/auditor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "eventstore/base/hash.h"

namespace jalon::demo {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProof = ".tlog-proof";

// The value of a text field in one object of JSON; empty if there is none.
std::string FieldOf(const std::string& json, const std::string& name) {
  const std::string begin = "\"" + name + "\":\"";
  const size_t at = json.find(begin);
  if (at == json.npos) return {};
  const size_t from = at + begin.size();
  return json.substr(from, json.find('"', from) - from);
}

// The verifier key that ends what a command said; empty if there is none.
std::string KeyIn(const std::string& said) {
  const size_t plus = said.find('+');
  if (plus == said.npos) return {};
  std::string key = said.substr(said.rfind(' ', plus) + 1);
  key.resize(key.find_last_not_of('\n') + 1);
  return key;
}

}  // namespace

Auditor::Auditor(Parts parts) : parts_(std::move(parts)), company_(ToHex(parts_.company_id)) {
  fs::create_directories(parts_.folder);
}

bool Auditor::Export(const std::string& name, const std::string& after) {
  std::vector<std::string> words = {"trail", "export", company_, In(name), "--output", "json"};
  if (!after.empty()) words.insert(words.end(), {"--after", after});
  const Finished done = Ask(words);
  if (key_.empty()) key_ = FieldOf(done.out, "verifierKey");
  const std::string size = FieldOf(done.out, "size");
  size_ = size.empty() ? 0 : std::stoull(size);
  return Claim(done, 0,
               fmt::format("jalon trail export {} {}: {} entries", company_, In(name), size_));
}

bool Auditor::Keep(const std::string& name, const std::string& after) {
  std::vector<std::string> words = {"trail", "checkpoint", company_, "--out", In(name)};
  if (!after.empty()) words.insert(words.end(), {"--after", after});
  return Claim(Ask(words), 0,
               fmt::format("jalon trail checkpoint {} --out {}", company_, In(name)));
}

bool Auditor::KeepRoot(const std::string& name) {
  const Finished done = Ask({"trail", "root", "--out", In(name)});
  root_key_ = KeyIn(done.err);
  return Claim(done, 0, fmt::format("jalon trail root --out {}", In(name)));
}

bool Auditor::KeepReceipt(const std::string& name, const trail::v1::Receipt& receipt) {
  std::ofstream(In(name) + kProof, std::ios::binary) << receipt.tlog_proof();
  std::ofstream(In(name) + ".entry", std::ios::binary) << receipt.entry();
  receipts_key_ = receipt.verifier_key();
  const bool of_this = receipt.trail() == key_.substr(0, key_.find('+')) && receipt.index() < size_;
  parts_.screen.Claim(of_this,
                      fmt::format("the tutor's estimate brought a signed receipt for entry {}: {}",
                                  receipt.index(), In(name) + kProof));
  return of_this;
}

bool Auditor::AskReceipt(const std::string& name, uint64_t index) {
  const std::string path = In(name) + kProof;
  const Finished done = Ask({"trail", "receipt", company_, std::to_string(index), "--out", path});
  receipts_key_ = KeyIn(done.err);
  return Claim(done, 0, fmt::format("jalon trail receipt {} {} --out {}", company_, index, path));
}

bool Auditor::Verify(const std::string& name, int verdict, const std::string& says,
                     const std::vector<std::string>& kept) {
  std::vector<std::string> shown = {"jalon", "verify", name};
  std::vector<std::string> words = {"verify", name, "--lang", "en", "--key", key_};
  const auto add = [&](const std::vector<std::string>& more) {
    shown.insert(shown.end(), more.begin(), more.end());
    words.insert(words.end(), more.begin(), more.end());
  };
  if (!root_key_.empty()) {
    add({"--published"});
    words.insert(words.end(), {"--key", root_key_});
  }
  for (const std::string& file : kept) {
    if (file.ends_with(kProof)) {
      words.insert(words.end(), {"--key", receipts_key_});
      add({"--receipt", file});
    } else {
      add({"--checkpoint", file});
    }
  }
  const Finished done = parts_.node.Offline(parts_.folder, words);
  const bool said = (done.out + done.err).find(says) != std::string::npos;
  return Claim(done, said ? verdict : -1,
               fmt::format("{}: {}, exit {}", fmt::join(shown, " "), says, verdict));
}

Finished Auditor::Ask(std::vector<std::string> words) const {
  words.insert(words.end(), {"--server", parts_.node.address(), "--token", parts_.token});
  return parts_.node.Command(std::move(words));
}

bool Auditor::Claim(const Finished& done, int exit_code, const std::string& text) const {
  parts_.screen.Claim(done.exit_code == exit_code, text);
  if (done.exit_code != exit_code) parts_.screen.Line(done.out + done.err);
  return done.exit_code == exit_code;
}

}  // namespace jalon::demo
