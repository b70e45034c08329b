#include "services/cli/verify/run.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::cli {
namespace {

using Arguments = std::vector<std::string>;

class VerifyRunTest : public testing::Test {
 protected:
  int Run(const Arguments& arguments) {
    out_.str("");
    err_.str("");
    Output output{.out = out_, .err = err_};
    return RunVerify(arguments, clock_, output);
  }
  int Verify(const Arguments& more = {}) {
    Arguments arguments = {folder_.string(), "--key", key_, "--lang", "en"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
  std::string File(const std::string& name, const std::string& bytes) {
    const auto file = temp_.path() / name;
    trail::WriteAll(file, bytes);
    return file.string();
  }
  bool Says(std::string_view words) const { return out_.str().find(words) != std::string::npos; }
  bool Complains(std::string_view words) const {
    return err_.str().find(words) != std::string::npos;
  }

  trail::TempFolder temp_;
  const std::vector<std::string> entries_ = trail::TrailEvents(300);
  std::filesystem::path folder_ = trail::Export(temp_, entries_);
  const std::string key_ = FormatVerifierKey(trail::LogKey().verifier());
  ManualClock clock_{std::chrono::seconds(1'767'225'600)};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(VerifyRunTest, AValidExportSaysWhatIsNotProven) {
  EXPECT_EQ(Verify(), 0) << err_.str();
  EXPECT_TRUE(Says("VALID: ")) << out_.str();
  EXPECT_TRUE(Says("audit.example/cfp-nord/trail/1"));
  EXPECT_TRUE(Says("This does not prove:"));
  EXPECT_TRUE(Says("one checkpoint alone"));
  EXPECT_TRUE(Says("that nothing came after"));
  EXPECT_TRUE(Says("no policy that names witnesses was given")) << out_.str();
  EXPECT_EQ(Verify({"--checkpoint", File("older", trail::OlderOf(entries_, 20).bytes)}), 0);
  EXPECT_FALSE(Says("one checkpoint alone"));
  EXPECT_TRUE(Says("that nothing came after"));
  EXPECT_TRUE(out_.str().starts_with("VALID: ")) << out_.str();  // the first word is the verdict
}

// What says nothing of what was before does not take that warning away.
TEST_F(VerifyRunTest, AnOlderCheckpointThatShowsNothingIsNone) {
  EXPECT_EQ(Verify({"--checkpoint", (folder_ / "checkpoint").string()}), 0);
  EXPECT_TRUE(Says("one checkpoint alone")) << out_.str();
  EXPECT_EQ(Verify({"--checkpoint", File("empty", trail::OlderOf(entries_, 0).bytes)}), 0);
  EXPECT_TRUE(Says("one checkpoint alone")) << out_.str();
}

TEST_F(VerifyRunTest, EachVerdictHasItsWordsInBothLanguages) {
  const std::string bundle = (folder_ / trail::BundlePath(0, 256)).string();
  const auto flip = [](std::string& bytes) { bytes[50] ^= 1; };
  trail::Tamper(bundle, flip);
  EXPECT_EQ(Verify(), 20);
  EXPECT_TRUE(Says("ALTERED: ")) << out_.str();
  EXPECT_TRUE(Says("tile/entries/000: entry 0 is not the one that was signed"));
  EXPECT_FALSE(Says("This does not prove"));
  EXPECT_EQ(Verify({"--lang", "fr"}), 20);
  EXPECT_TRUE(Says("ALTÉRÉ : ")) << out_.str();
  EXPECT_TRUE(Says("l'entrée 0 n'est pas celle qui a été signée"));
  trail::Tamper(bundle, flip);

  auto other = entries_;
  other[3] = trail::TrailEvent(3, 80);
  EXPECT_EQ(Verify({"--checkpoint", File("o", trail::OlderOf(other, 200).bytes)}), 21);
  EXPECT_TRUE(Says("FORKED: ")) << out_.str();
  other = trail::TrailEvents(303);
  EXPECT_EQ(Verify({"--checkpoint", File("o", trail::OlderOf(other, 303).bytes)}), 22);
  EXPECT_TRUE(Says("signed over 303 entries: this export has fewer")) << out_.str();
  EXPECT_EQ(Verify({"--receipt", File("r.tlog-proof", trail::ReceiptOf(other, 301, 303).bytes)}),
            23);
  EXPECT_TRUE(Says("RECEIPT MISSING: ")) << out_.str();
  EXPECT_EQ(Run({folder_, "--key", FormatVerifierKey(trail::LogKey("o").verifier())}), 26);
  const trail::SignerKey wrong(std::string(trail::kOrigin), trail::KeyType::kLog,
                               trail::SeedFrom(7));
  EXPECT_EQ(Run({folder_, "--key", FormatVerifierKey(wrong.verifier())}), 25);
  trail::Tamper(folder_ / "checkpoint", [](std::string& bytes) { bytes += '\n'; });
  EXPECT_EQ(Verify(), 27);
  EXPECT_TRUE(Says("MALFORMED: ")) << out_.str();
}

TEST_F(VerifyRunTest, WitnessesCountByPolicyAndAge) {
  const std::string policy =
      File("policy", "log " + key_ + "\nwitness w " +
                         FormatVerifierKey(trail::WitnessKey().verifier()) + "\nquorum w\n");
  EXPECT_EQ(Run({folder_, "--policy", policy}), 25);
  trail::Tamper(folder_ / "checkpoint", [](std::string& bytes) {
    trail::Note note = trail::ParseNote(bytes).value();
    note.lines.push_back(trail::Cosign(note.text, trail::WitnessKey(), 1'767'225'600 - 7200));
    bytes = FormatNote(note);
  });
  EXPECT_EQ(Run({folder_, "--policy", policy, "--max-age", "2"}), 0) << out_.str();
  EXPECT_TRUE(Says("witness.example/w1  2025-12-31 22:00:00Z")) << out_.str();
  EXPECT_EQ(Run({folder_, "--policy", policy, "--max-age", "1"}), 24);
  EXPECT_EQ(Run({folder_, "--policy", policy, "--max-age=1", "--at", "1767222000"}), 0);
  EXPECT_EQ(Run({folder_, "--policy", File("bad", "quorum w\n"), "--lang", "en"}), 2);
  EXPECT_TRUE(Complains("line 1 is none of a policy")) << err_.str();
}

// A time that overflows, and one that has not come yet, by which it would be fresh for ever.
TEST_F(VerifyRunTest, AWitnessMayClaimAnyTime) {
  const std::string policy =
      File("policy", "log " + key_ + "\nwitness w " +
                         FormatVerifierKey(trail::WitnessKey().verifier()) + "\nquorum w\n");
  const std::string before = trail::ReadAll(folder_ / "checkpoint");
  const auto cosign = [&](uint64_t time_s) {
    trail::Note note = trail::ParseNote(before).value();
    note.lines.push_back(trail::Cosign(note.text, trail::WitnessKey(), time_s));
    trail::WriteAll(folder_ / "checkpoint", FormatNote(note));
  };
  cosign(INT64_MAX);
  EXPECT_EQ(Run({folder_, "--policy", policy, "--lang", "en"}), 0) << out_.str();
  EXPECT_TRUE(Says("witness.example/w1  9223372036854775807 s")) << out_.str();
  EXPECT_EQ(Run({folder_, "--policy", policy, "--max-age", "1", "--lang", "en"}), 24);
  EXPECT_TRUE(Says("at a time that has not come yet")) << out_.str();
  cosign(1'767'225'600 + 300);
  EXPECT_EQ(Run({folder_, "--policy", policy, "--max-age", "1"}), 0) << out_.str();
  cosign(1'767'225'600 + 301);
  EXPECT_EQ(Run({folder_, "--policy", policy, "--max-age", "1"}), 24) << out_.str();
}

// All logs of a deployment have one public key, which a policy may name once.
TEST_F(VerifyRunTest, APolicySaysWhatIsWrongWithItsLines) {
  const std::string receipts = FormatVerifierKey(trail::LogKey(trail::kReceiptsOrigin).verifier());
  const auto complaint = [&](const std::string& policy, std::string_view words) {
    EXPECT_EQ(Run({folder_, "--policy", File("policy", policy), "--lang", "en"}), 2);
    EXPECT_TRUE(Complains(words)) << err_.str();
  };
  complaint("log " + key_ + "\nlog " + receipts + "\nquorum none\n",
            "line 2 names a public key that a line before it names too");
  EXPECT_TRUE(Complains("--key"));
  complaint("log " + key_ + "\r\nquorum none\r\n", "line 1 holds a control character");
  complaint("log " + key_ + "\nquorum none", "its last newline is missing");
  // The other log's key is given beside the policy.
  const std::string policy = File("policy", "log " + key_ + "\nquorum none\n");
  EXPECT_EQ(Run({folder_, "--policy", policy, "--key", receipts, "--receipt",
                 File("r.tlog-proof", trail::ReceiptByLine(entries_[5], 5).bytes)}),
            0)
      << out_.str() << err_.str();
}

// It would pass whatever the age is.
TEST_F(VerifyRunTest, AnAgeIsAskedOfWitnessesThatAreNeeded) {
  const std::string witness =
      "witness w " + FormatVerifierKey(trail::WitnessKey().verifier()) + "\n";
  const std::string none = File("policy", "log " + key_ + "\n" + witness + "quorum none\n");
  EXPECT_EQ(Run({folder_, "--policy", none, "--lang", "en"}), 0) << err_.str();
  EXPECT_TRUE(Says("no witness of the policy has signed it")) << out_.str();
  EXPECT_EQ(Run({folder_, "--policy", none, "--max-age", "1", "--lang", "en"}), 2);
  EXPECT_TRUE(Complains("quorum none")) << err_.str();
}

TEST_F(VerifyRunTest, ForProgramsItIsJson) {
  trail::Tamper(folder_ / trail::BundlePath(1, 44), [](std::string& bytes) { bytes[50] ^= 1; });
  EXPECT_EQ(Verify({"--output=json"}), 20);
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["verdict"], "ALTERED");
  EXPECT_EQ(json["exitCode"], 20);
  EXPECT_EQ(json["size"], "300");
  EXPECT_EQ(json["trail"], ToHex("garage00"));
  ASSERT_EQ(json["findings"].size(), 1u);
  EXPECT_EQ(json["findings"][0]["flaw"], "ENTRY_CHANGED");
  EXPECT_EQ(json["findings"][0]["entry"], "256");
  EXPECT_EQ(json["findings"][0]["file"], "tile/entries/001.p/44");
  EXPECT_EQ(json["notProven"].size(), 0u);
  EXPECT_FALSE(json["findings"][0].contains("held"));
  EXPECT_EQ(json["readAll"], true);
  trail::Evidence receipt = trail::ReceiptOf(entries_, 5, 200);
  receipt.bytes.replace(receipt.bytes.find("index 5"), 7, "index 6");
  trail::Tamper(folder_ / trail::BundlePath(1, 44), [](std::string& bytes) { bytes[50] ^= 1; });
  EXPECT_EQ(Verify({"--output=json", "--receipt", File("r", receipt.bytes)}), 20);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["findings"][0]["held"], true);
}

TEST_F(VerifyRunTest, TheEntryBesideAReceiptIsRead) {
  const std::string receipt = File("r.tlog-proof", trail::ReceiptOf(entries_, 5, 200).bytes);
  File("r.entry", entries_[5]);
  EXPECT_EQ(Verify({"--receipt", receipt, "--threads", "2"}), 0) << out_.str();
  File("r.entry", entries_[6]);
  EXPECT_EQ(Verify({"--receipt", receipt}), 20);
  EXPECT_TRUE(Says("its proof does not lead to the root")) << out_.str();
  EXPECT_TRUE(Says("ALTERED: the entries are those that the key signed, but a file that you gave"));
}

TEST_F(VerifyRunTest, AKeyMayLieInAFile) {
  EXPECT_EQ(Run({folder_, "--key", File("key", key_ + "\n")}), 0) << err_.str();
  EXPECT_EQ(Run({folder_, "--key", File("key", "no key\n"), "--lang", "en"}), 2);
  EXPECT_TRUE(Complains("neither a verifier key nor a file")) << err_.str();
}

// Those of all logs that an auditor follows, say.
TEST_F(VerifyRunTest, AFileMayHoldManyKeys) {
  const std::string other = FormatVerifierKey(trail::LogKey("another").verifier());
  EXPECT_EQ(Run({folder_, "--key", File("keys", "# 2026\n" + other + "\n\n" + key_)}), 0)
      << err_.str();
  EXPECT_EQ(Run({folder_, "--key", File("keys", "#" + key_ + "\n"), "--lang", "en"}), 2);
  EXPECT_TRUE(Complains("neither a verifier key nor a file")) << err_.str();
  EXPECT_EQ(Run({folder_, "--key", File("keys", key_ + "\n " + other + "\n")}), 2);
}

// What the system does not even let be looked at is said in words.
TEST_F(VerifyRunTest, WhatCannotBeLookedAtIsSaid) {
  EXPECT_EQ(Run({folder_, "--key", std::string(300, 'k'), "--lang", "en"}), 2);
  EXPECT_TRUE(Complains("neither a verifier key nor a file")) << err_.str();
  const auto loop = temp_.path() / "loop";
  std::filesystem::create_directory_symlink(loop, loop);
  EXPECT_EQ(Verify({"--receipt", (loop / "r.tlog-proof").string()}), 2);
  EXPECT_TRUE(Complains("it cannot be read")) << err_.str();
}

TEST_F(VerifyRunTest, MisuseIsSaidInTheLanguage) {
  EXPECT_EQ(Run({"--lang", "en"}), 2);
  EXPECT_TRUE(Complains("EXPORT is missing"));
  EXPECT_EQ(Run({"--lang", "fr", folder_}), 2);
  EXPECT_TRUE(Complains("il manque --key"));
  EXPECT_EQ(Verify({"--what"}), 2);
  EXPECT_EQ(Verify({"another"}), 2);
  EXPECT_EQ(Verify({"--threads", "0"}), 2);
  EXPECT_EQ(Verify({"--threads"}), 2);
  EXPECT_TRUE(Complains("--threads needs a value")) << err_.str();
  EXPECT_EQ(Verify({"--output", "xml"}), 2);
  EXPECT_EQ(Verify({"--max-age", "5"}), 2);
  EXPECT_EQ(Verify({"--checkpoint", (temp_.path() / "none").string()}), 2);
  EXPECT_EQ(Run({(temp_.path() / "none").string(), "--key", key_}), 3);
  EXPECT_EQ(Run({"--help", "--lang", "fr"}), 0);
  EXPECT_TRUE(Says("Codes de sortie"));
}

}  // namespace
}  // namespace jalon::cli
