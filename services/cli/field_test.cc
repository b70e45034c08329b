// Field, help and parse together: what a person types, and what comes of it.
#include "services/cli/field.h"

#include <gtest/gtest.h>

#include <sstream>

#include "jalon/type/v1/training.pb.h"
#include "services/cli/parse.h"

namespace jalon::cli {
namespace {

class CommandLine : public testing::Test {
 protected:
  CommandLine() {
    nouns_ = {{"stay",
               {"stays", "séjours"},
               {{"list",
                 {"List stays", "Lister les séjours"},
                 {Id("--student", {"whose", "de qui"}, &id_, 8),
                  Choice("--state", {"in which state", "dans quel état"},
                         type::v1::StayState_descriptor(), [this](int value) { state_ = value; }),
                  Texts("--module", "CODE", {"a module", "un module"}, &modules_),
                  Day("--from", {"since", "depuis"}, [this](uint32_t day) { day_ = day; }),
                  Flag("--open", {"open", "ouverts"}, [this] { open_ = true; })},
                 {}},
                {"policy set",
                 {"Set", "Fixer"},
                 {Text("KEY", "KEY", {"the key", "la clé"}, &key_).Required(),
                  Texts("VALUE", "VALUE", {"values", "valeurs"}, &modules_).Required()},
                 {}}}}};
    globals_ = {Text("--server", "HOST", {"the server", "le serveur"}, &server_)};
  }

  // The verb's name, or the exit code.
  std::string Parsed(std::vector<std::string> arguments) {
    const auto verb = Parse(nouns_, {}, globals_, std::move(arguments), output_);
    return verb ? (*verb)->name : std::to_string(static_cast<int>(verb.error()));
  }

  std::ostringstream out_;
  std::ostringstream err_;
  Output output_{.out = out_, .err = err_};
  std::vector<Noun> nouns_;
  std::vector<Field> globals_;
  std::string id_, key_, server_;
  int state_ = 0;
  uint32_t day_ = 0;
  bool open_ = false;
  google::protobuf::RepeatedPtrField<std::string> modules_;
};

TEST_F(CommandLine, FillsWhatTheFieldsNameWhereverTheyStand) {
  EXPECT_EQ(Parsed({"stay", "list", "--student", "00FF00ff00ff00ff", "--server", "x:1", "--state",
                    "started", "--module=a", "--module", "b", "--from", "2026-09-01", "--open"}),
            "list");
  EXPECT_EQ(id_.size(), 8U);
  EXPECT_EQ(state_, type::v1::STAY_STATE_STARTED);
  EXPECT_EQ(day_, 20260901U);
  EXPECT_EQ(modules_.size(), 2);
  EXPECT_EQ(server_, "x:1");
  EXPECT_TRUE(open_);
}

TEST_F(CommandLine, VerbsOfTwoWordsTakeSeveralValues) {
  EXPECT_EQ(Parsed({"stay", "policy", "set", "estimate_scale", "stay", "with help"}), "policy set");
  EXPECT_EQ(key_, "estimate_scale");
  EXPECT_EQ(modules_.size(), 2);
}

TEST_F(CommandLine, WrongValuesExitTwoAndSayWhatIsExpected) {
  EXPECT_EQ(Parsed({"stay", "list", "--student", "xyz"}), "2");
  EXPECT_NE(err_.str().find("16 hexadecimal digits"), std::string::npos) << err_.str();
  EXPECT_EQ(Parsed({"stay", "list", "--state", "unspecified"}), "2");
  EXPECT_EQ(Parsed({"stay", "list", "--from", "2026-13-01"}), "2");
  EXPECT_EQ(Parsed({"stay", "list", "--student"}), "2");
}

TEST_F(CommandLine, WrongWordsAreSaidInTheOutputsLanguage) {
  output_.language = Language::kFrench;
  EXPECT_EQ(Parsed({"stay", "policy", "set"}), "2");
  EXPECT_NE(err_.str().find("il manque CLÉ"), std::string::npos) << err_.str();
  EXPECT_EQ(Parsed({"stay", "list", "surplus"}), "2");
  EXPECT_NE(err_.str().find("inattendu ici : surplus"), std::string::npos) << err_.str();
  EXPECT_EQ(Parsed({"stay", "list", "--student"}), "2");
  EXPECT_NE(err_.str().find("--student prend une valeur"), std::string::npos) << err_.str();
}

TEST_F(CommandLine, HelpIsAnAnswerAndAMissingVerbIsNot) {
  EXPECT_EQ(Parsed({"stay", "list", "--help"}), "0");
  EXPECT_NE(out_.str().find("Usage: jalon stay list [options]"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("PLANNED|STARTED|ENDED|CANCELLED"), std::string::npos);
  EXPECT_EQ(Parsed({"stay", "policy", "set", "-h"}), "0");
  EXPECT_NE(out_.str().find("jalon stay policy set KEY VALUE…"), std::string::npos) << out_.str();
  EXPECT_TRUE(err_.str().empty());
  EXPECT_EQ(Parsed({"stay"}), "2");
  EXPECT_NE(err_.str().find("policy set"), std::string::npos);
  EXPECT_EQ(Parsed({}), "2");
}

}  // namespace
}  // namespace jalon::cli
