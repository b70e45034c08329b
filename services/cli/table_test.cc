#include "services/cli/table.h"

#include <gtest/gtest.h>

#include "services/cli/progress.h"

namespace jalon::cli {
namespace {

Table Modules() {
  Table table({{"module"}, {"énoncé", Align::kLeft, true}, {"h", Align::kRight}, {"note"}});
  table.Add({"850-561", "Se situer au regard du métier", "15", ""});
  table.Add({"850-568", "Réparer", {"120", Style::kBold}, ""});
  return table;
}

TEST(Table, AlignsByColumnsOfTheTerminalAndLeavesEmptyColumnsOut) {
  EXPECT_EQ(Modules().Layout(0, false),
            "module   énoncé                           h\n"
            "850-561  Se situer au regard du métier   15\n"
            "850-568  Réparer                        120\n");
}

TEST(Table, WrapsTheColumnThatGivesWay) {
  EXPECT_EQ(Modules().Layout(30, false),
            "module   énoncé              h\n"
            "850-561  Se situer au       15\n"
            "         regard du métier\n"
            "850-568  Réparer           120\n");
}

TEST(Table, ColoursTakeNoRoom) {
  EXPECT_EQ(Modules().Layout(0, true).substr(0, 30).find("\033[1mmodule\033[0m"), 0U);
  EXPECT_NE(Modules().Layout(0, true).find("Réparer                        \033[1m120\033[0m"),
            std::string::npos);
}

TEST(Table, NobodysWordsReachTheTerminalRaw) {
  Table table({{"word"}});
  table.Add({"\x1b]0;x\x07"});
  EXPECT_EQ(table.Layout(0, false), "word\n ]0;x\n");
}

TEST(Facts, AlignAndLeaveOutWhatIsEmpty) {
  Facts facts;
  facts.Add("école", "CFP-Nord");
  facts.Add("région", "");
  facts.Add("id", "ab");
  EXPECT_EQ(facts.Layout(0, false), "école  CFP-Nord\nid     ab\n");
}

TEST(Progress, FitsTheTerminal) {
  EXPECT_EQ(ProgressLine("reading", 500, 2000, 2000, 60, Language::kEnglish),
            "reading  [####            ]   25 %  500 / 2,000  250/s  0:02");
  EXPECT_EQ(ProgressLine("reading", 500, 2000, 2000, 30, Language::kEnglish),
            "reading   25 %  500 / 2,000  250/s  0:02");
  EXPECT_EQ(ProgressLine("rien", 0, 0, 0, 0, Language::kFrench), "rien  100 %  0 / 0  0/s  0:00");
}

}  // namespace
}  // namespace jalon::cli
