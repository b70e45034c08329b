// The command line as a whole, where no server is needed.
#include "services/cli/cli.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace jalon::cli {
namespace {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran Jalon(std::vector<std::string> arguments, const char* language = "en",
          const Wiring& wiring = {}) {
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err};
  arguments.insert(arguments.end(), {"--lang", language, "--server", "127.0.0.1:1"});
  const int code = Run(arguments, wiring, output);
  return {code, out.str(), err.str()};
}

class TempFolder {
 public:
  TempFolder() {
    std::string name = testing::TempDir() + "jalon_cli_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Cli, EveryNounAndVerbHasHelpInBothLanguages) {
  for (const char* noun :
       {"school", "access", "programme", "sequence", "company", "stay", "student", "makeup",
        "explain", "call", "token", "cert", "view", "log", "clock"}) {
    const Ran english = Jalon({noun, "--help"});
    EXPECT_EQ(english.code, 0) << noun;
    EXPECT_TRUE(english.out.starts_with(std::string("Usage: jalon ") + noun)) << english.out;
    EXPECT_TRUE(Jalon({noun, "--help"}, "fr").out.starts_with("Usage : jalon "));
  }
}

TEST(Cli, CertificatesAreIssuedOnceAndRenewedOnPurpose) {
  const TempFolder folder;
  const auto issue = [&](std::vector<std::string> more, const char* language = "en") {
    std::vector<std::string> words = {"cert",   "issue", "--ca",   folder.path() + "/ca",
                                      "--name", "n1",    "--host", "127.0.0.1",
                                      "--host", "::1",   "--out",  folder.path() + "/n1"};
    words.insert(words.end(), more.begin(), more.end());
    return Jalon(std::move(words), language);
  };
  const Ran made = issue({"--kind", "node"});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_NE(made.out.find("Made an authority"), std::string::npos) << made.out;
  EXPECT_NE(made.out.find("Issued jalon://node/n1"), std::string::npos) << made.out;
  const Ran again = issue({"--kind", "node"});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("--renew"), std::string::npos) << again.err;
  const Ran renewed = issue({"--kind", "node", "--renew", "--days", "30"}, "fr");
  EXPECT_EQ(renewed.code, 0) << renewed.err;
  EXPECT_TRUE(renewed.out.starts_with("Émis : jalon://node/n1")) << renewed.out;
  EXPECT_NE(issue({"--kind", "node", "--renew", "--output", "json"}).out.find(R"("identity")"),
            std::string::npos);
  EXPECT_EQ(issue({"--kind", "vault", "--renew"}).code, 1) << "it is another process";
  EXPECT_EQ(issue({"--kind", "king"}).code, 2);
  EXPECT_EQ(issue({"--kind", "node", "--days", "826"}).code, 2);
  EXPECT_EQ(issue({"--kind", "node", "--host", "a b"}).code, 2);
  EXPECT_EQ(issue({}).code, 2);
}

// The parser under it has English words only; none of them comes through.
TEST(Cli, WhatIsWrongIsSaidInFrench) {
  const auto said = [](std::vector<std::string> arguments) {
    const Ran ran = Jalon(std::move(arguments), "fr");
    EXPECT_EQ(ran.code, 2) << ran.err;
    return ran.err.substr(0, ran.err.find('\n'));
  };
  EXPECT_EQ(said({"frobnicate"}), "jalon: inattendu ici : frobnicate");
  EXPECT_EQ(said({"stay", "list", "--foo", "7"}), "jalon: inattendu ici : --foo 7");
  EXPECT_EQ(said({"student", "eligibility"}), "jalon: il manque ÉLÈVE");
  EXPECT_EQ(said({"view", "rebuild", "--all=maybe"}), "jalon: --all ne prend pas de valeur");
  EXPECT_EQ(said({"stay", "list", "--deadline", "1", "--deadline", "2"}),
            "jalon: --deadline prend une valeur");
  EXPECT_EQ(said({"student", "eligibility", "zz"}),
            "jalon: ÉLÈVE : zz : attendu : un identifiant de 16 chiffres hexadécimaux");
  EXPECT_EQ(said({"stay", "list", "--deadline", "soon"}),
            "jalon: --deadline : soon : attendu : un nombre entier, pas aussi grand");
}

TEST(Cli, ATokenIsPrintedAloneAndSaysWhomItSpeaksFor) {
  const TempFolder folder;
  const std::string& data = folder.path();
  EXPECT_EQ(Jalon({"token", "issue", "--data", data, "--role", "REG", "--hours", "0"}).code, 2);
  const Ran issued = Jalon({"token", "issue", "--data", data, "--role", "COO", "--school",
                            "cfp-nord", "--person", "0011223344556677", "--hours", "1"});
  ASSERT_EQ(issued.code, 0) << issued.err;
  EXPECT_EQ(std::ranges::count(issued.out, '\n'), 1);
  struct stat key{};
  ASSERT_EQ(stat((data + "/token.key").c_str(), &key), 0);
  EXPECT_EQ(key.st_mode & 0777, 0600U);
  const std::string token = issued.out.substr(0, issued.out.size() - 1);
  const Ran shown = Jalon({"token", "show", token, "--data", data});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("work-study coordinator"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("0011223344556677"), std::string::npos) << shown.out;
  const Ran forged = Jalon({"token", "show", token + "x", "--data", data});
  EXPECT_EQ(forged.code, 4) << forged.out;
}

TEST(Cli, ATokenThatWouldNotCountIsNotIssued) {
  const TempFolder folder;
  using Words = std::vector<std::string>;
  for (const Words& wrong :
       {Words{"--role", "COO", "--person", "0011223344556677"}, Words{"--role", "TEA"},
        Words{"--role", "TUT", "--school", "X", "--person", "0011223344556677"},
        Words{"--role", "KING"}, Words{}}) {
    Words arguments = {"token", "issue", "--data", folder.path()};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const Ran ran = Jalon(arguments);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(Jalon({"token", "issue", "--role", "REG"}).code, 2) << "--data is needed";
}

TEST(Cli, ATokenOfADataFolderThatIsNotThereMakesNone) {
  const TempFolder folder;
  const std::string data = folder.path() + "/wrong/data";
  const Ran ran = Jalon({"token", "issue", "--data", data, "--role", "REG"});
  EXPECT_EQ(ran.code, 2) << ran.out;
  EXPECT_NE(ran.err.find("there is no data folder " + data), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/wrong"));
}

// A socket that takes connections and never answers.
class DeafServer {
 public:
  explicit DeafServer(const std::string& path) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
  }
  ~DeafServer() { close(socket_); }

 private:
  const int socket_;
};

TEST(Cli, AnOperatorsVerbWaitsAsLongAsItIsTold) {
  const TempFolder folder;
  const DeafServer server(folder.path() + "/admin.sock");
  for (const std::vector<std::string>& verb : std::vector<std::vector<std::string>>{
           {"log", "status"}, {"view", "list"}, {"log", "verify"}, {"clock", "show"}}) {
    std::vector<std::string> words = verb;
    words.insert(words.end(), {"--data", folder.path(), "--deadline", "1"});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(Jalon(words).code, 5) << verb[0];
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << verb[0];
  }
}

TEST(Cli, ARoleIsNamedAlikeAndATeachersStudentsAreNamed) {
  const auto grant = [](const char* role, const char* student) {
    return Jalon({"access", "grant", "--role", role, "--student", student, "--given-name", "Ada"});
  };
  EXPECT_EQ(grant("TEA", "0011223344556677").code, 5) << "understood: no server is there";
  EXPECT_EQ(grant("teacher", "0011223344556677").code, 5);
  EXPECT_EQ(grant("TEA", "zz").code, 2);
  EXPECT_EQ(grant("KING", "0011223344556677").code, 2);
}

TEST(Cli, ExplainsWithoutAServer) {
  const Ran reason = Jalon({"explain", "MAKEUP_NOT_PLANNED"});
  EXPECT_EQ(reason.code, 0);
  EXPECT_NE(reason.out.find("R14"), std::string::npos) << reason.out;
  EXPECT_NE(reason.out.find("PlanMakeUp"), std::string::npos) << reason.out;
  EXPECT_EQ(Jalon({"explain", "R18"}).code, 0);
  EXPECT_EQ(Jalon({"explain", "R24"}).code, 3);
}

TEST(Cli, WhatNeedsAServerSaysThatThereIsNone) {
  const Ran query = Jalon({"stay", "list", "--deadline", "2"});
  EXPECT_EQ(query.code, 5) << query.err;
  const Ran command = Jalon({"school", "register", "--code", "X", "--name", "Y"});
  EXPECT_EQ(command.code, 5) << command.err;
  EXPECT_NE(command.err.find("Is the server running"), std::string::npos) << command.err;
  EXPECT_EQ(command.err.find("--request-id"), std::string::npos) << "nothing was sent";
  const TempFolder folder;
  EXPECT_EQ(Jalon({"log", "status", "--data", folder.path()}).code, 5);
}

TEST(Cli, ARepairSaysWhatADamagedFoldHasSeenAndWhatNot) {
  Wiring wiring;
  wiring.cut_tail = [](const std::string&, bool) -> Result<TailCut> {
    return TailCut{.entries_kept = 9,
                   .bytes_cut = 107,
                   .damage = "a torn tail",
                   .witnesses = {{.name = "state", .entries = 7, .damage = "a bad block"},
                                 {.name = "views", .entries = 0, .damage = "a bad file"}},
                   .evidence = ""};
  };
  const std::vector<std::string> repair = {"log", "repair", "--data", "x"};
  const Ran english = Jalon(repair, "en", wiring);
  EXPECT_EQ(english.code, 0) << english.err;
  const auto says = [](const Ran& ran, const std::string& words) {
    EXPECT_NE(ran.out.find(words), std::string::npos) << ran.out;
  };
  says(english, "state is damaged, and was asked as far as it can be read: 7 entries");
  says(english, "a bad block");
  says(english, "views is damaged, and could not be asked: a bad file");
  says(Jalon(repair, "fr", wiring), "7 entrées");
}

TEST(Cli, ABadFileExitsOneAndNamesItsRow) {
  const Ran ran = Jalon({"programme", "import", "deploy/samples/programmes.csv", "--code", "5858",
                         "--version", "1", "--type", "DEP", "--hours", "870", "--title", "Care"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("programmes.csv, row 61: PROGRAMME_INCOMPLETE"), std::string::npos)
      << ran.err;
  EXPECT_EQ(Jalon({"programme", "import", "no-such.csv", "--code", "5858", "--version", "1",
                   "--type", "DEP", "--hours", "870", "--title", "Care"})
                .code,
            2);
}

TEST(Cli, CallRefusesAFieldThatIsNone) {
  const Ran ran = Jalon({"call", "ReportFormativeEstimate", "--json", R"({"mark": 82})"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("mark"), std::string::npos) << ran.err;
  EXPECT_EQ(Jalon({"call", "NoSuchMethod"}).code, 2);
  EXPECT_NE(Jalon({"call"}).out.find("EndStay"), std::string::npos);
  EXPECT_NE(Jalon({"call", "EndStay", "--describe"}).out.find("presume_not_performed"),
            std::string::npos);
}

// Nothing else at the terminal says how a row or a part of a command is written.
TEST(Cli, DescribeSaysAllThatACommandIsMadeOf) {
  const std::string said = Jalon({"call", "EnrolStudents", "--describe"}).out;
  for (const char* part : {"message EnrolStudents {", "message EnrolStudentsRow {", "in_alternance",
                           "message Identity {", "born_on", "message ProgrammeRef {"}) {
    EXPECT_NE(said.find(part), std::string::npos) << part << "\n" << said;
  }
  EXPECT_EQ(said.find("message Sealed {"), std::string::npos) << "the server's, not the caller's";
  EXPECT_NE(Jalon({"call", "StartStay", "--describe"}).out.find("message Words {"),
            std::string::npos);
  EXPECT_NE(Jalon({"call", "EndStay", "--describe"}).out.find("STAY_END_KIND_EARLY"),
            std::string::npos);
}

// gRPC would abort the program, with the token on standard error.
TEST(Cli, ATokenThatIsNoneIsSaidAndNotShown) {
  for (const char* token : {"sec\nret", "sec ret", "sec\tret", "secr\u00e9t"}) {
    const Ran ran = Jalon({"stay", "list", "--token", token});
    EXPECT_EQ(ran.code, 4) << token;
    EXPECT_NE(ran.err.find("no token has"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.err.find("sec"), std::string::npos) << ran.err;
  }
}

TEST(Cli, AReasonIsExplainedAsJsonAndPeopleWriteIt) {
  for (const char* name : {"NO_TARGET", "no_target", "REFUSAL_REASON_NO_TARGET"}) {
    const Ran ran = Jalon({"explain", name});
    EXPECT_EQ(ran.code, 0) << name << ran.err;
    EXPECT_NE(ran.out.find("NO_TARGET"), std::string::npos) << ran.out;
  }
  EXPECT_EQ(Jalon({"explain", "r18"}).code, 0);
  EXPECT_NE(Jalon({"explain", "nonsense"}).err.find("nonsense"), std::string::npos);
}

TEST(Cli, TheListOfMethodsIsJsonForPrograms) {
  const std::string said = Jalon({"call", "--output", "json"}).out;
  EXPECT_TRUE(said.starts_with("[{\"method\":")) << said.substr(0, 80);
  EXPECT_NE(
      said.find(R"({"method":"EndStay","command":true,"service":"jalon.stay.v1.StayService"})"),
      std::string::npos);
}

}  // namespace
}  // namespace jalon::cli
