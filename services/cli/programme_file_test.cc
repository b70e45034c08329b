#include "services/cli/programme_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "services/domain/reasons.h"

namespace jalon::cli {
namespace {

std::string Sample() {
  std::ifstream file("deploy/samples/programmes.csv");
  return {std::istreambuf_iterator<char>(file), {}};
}

ProgrammeLabel Label(const std::string& code, uint32_t hours) {
  ProgrammeLabel label;
  label.programme.mutable_ref()->set_code(code);
  label.programme.mutable_ref()->set_language("en");
  label.programme.mutable_ref()->set_version("2026");
  label.programme.set_declared_hours(hours);
  return label;
}

ProgrammeFile Read(const std::string& code, uint32_t hours) {
  return ReadProgramme(Sample(), Label(code, hours), Language::kEnglish);
}

// "4 HOURS_UNITS_MISMATCH", one a problem.
std::vector<std::string> Told(const std::vector<FileProblem>& problems) {
  std::vector<std::string> told;
  told.reserve(problems.size());
  for (const FileProblem& problem : problems) {
    told.push_back(std::to_string(problem.row) + ' ' +
                   std::string(domain::ReasonName(problem.reason)));
  }
  return told;
}

ProgrammeFile ReadRows(const std::string& rows, uint32_t hours) {
  return ReadProgramme("program,module_code,statement_en,hours,units\n" + rows,
                       Label("5830", hours), Language::kEnglish);
}

using Lines = std::vector<std::string>;

TEST(ProgrammeFile, TheWholeProgrammesAreTaken) {
  const ProgrammeFile mechanics = Read("5830", 1800);
  EXPECT_EQ(Told(mechanics.problems), Lines{});
  EXPECT_EQ(mechanics.definition.modules_size(), 24);
  EXPECT_EQ(mechanics.rows.front(), 2U);
  EXPECT_EQ(mechanics.definition.modules(1).statement(),
            "Prevent risks with regard to occupational health and safety, and the environment");
  const ProgrammeFile hair = Read("5745", 1455);
  EXPECT_EQ(Told(hair.problems), Lines{});
  EXPECT_EQ(hair.definition.modules_size(), 21);
  EXPECT_TRUE(hair.doubts.empty());
}

TEST(ProgrammeFile, AnInferredRowIsNamed) {
  const ProgrammeFile care = Read("5858", 870);
  EXPECT_EQ(Told(care.problems), Lines{"61 PROGRAMME_INCOMPLETE"});
  EXPECT_TRUE(care.definition.modules(14).inferred());
}

TEST(ProgrammeFile, ASuffixIsNoCodeAndTheSumIsShort) {
  EXPECT_EQ(Told(Read("5798p", 1800).problems),
            (Lines{"0 PROGRAMME_INCOMPLETE", "0 PROGRAMME_INCOMPLETE"}));
  // It is not stripped either.
  EXPECT_EQ(Told(Read("5798", 1800).problems), Lines{"0 NOT_FOUND"});
}

TEST(ProgrammeFile, EverythingIsToldAtOnce) {
  const ProgrammeFile file = ReadRows(
      "5830,850-561,One,15,1\n"
      "5830,850-562,Two,31,2\n"
      "5830,850-561,One again,15,1\n"
      "5830,850-566,,90,six\n"
      "5830,850-567,Too, many,105,7\n",
      200);
  EXPECT_EQ(Told(file.problems),
            (Lines{"0 PROGRAMME_INCOMPLETE", "3 HOURS_UNITS_MISMATCH", "4 DUPLICATE_MODULE",
                   "5 FIELD_REQUIRED", "5 FIELD_INVALID", "6 MALFORMED"}));
}

TEST(ProgrammeFile, TheLastDigitIsADoubtOnly) {
  const ProgrammeFile file = ReadRows("5830,850-563,Three,15,1\n", 15);
  EXPECT_EQ(Told(file.problems), Lines{});
  EXPECT_EQ(Told(file.doubts), Lines{"2 LAST_DIGIT_NOT_UNITS"});
}

TEST(ProgrammeFile, WhatIsPrescribedMustBeThere) {
  ProgrammeLabel label = Label("5830", 1800);
  label.prescribed = {"850-609", "850-999"};
  const ProgrammeFile file = ReadProgramme(Sample(), label, Language::kEnglish);
  EXPECT_EQ(Told(file.problems), Lines{"0 PRESCRIBED_NOT_IN_PROGRAMME"});
  int prescribed = 0;
  for (const auto& module : file.definition.modules()) prescribed += module.prescribed() ? 1 : 0;
  EXPECT_EQ(prescribed, 1);
}

TEST(ProgrammeFile, ColumnsAreFoundByName) {
  const ProgrammeFile file = ReadProgramme(
      "units,hours,statement_en,module_code,program,remark\n1,15,One,850-561,5830,x\n",
      Label("5830", 15), Language::kEnglish);
  EXPECT_EQ(Told(file.problems), Lines{});
  ProgrammeLabel french = Label("5330", 15);
  french.programme.mutable_ref()->set_language("fr");
  const ProgrammeFile none = ReadProgramme("program,hours\n5330,15\n", french, Language::kFrench);
  ASSERT_EQ(none.problems.size(), 3U);
  EXPECT_EQ(none.problems[1].words, "il n'y a pas de colonne statement_fr");
}

TEST(ProgrammeFile, AFileThatIsNotUtf8IsRefusedInWords) {
  EXPECT_EQ(Told(ReadRows("5830,850-561,\xc9nonc\xe9,15,1\n", 15).problems), Lines{"2 MALFORMED"});
}

TEST(ProgrammeFile, WhatTheServerSaysOfModulesIsSaidOfRows) {
  EXPECT_EQ(WithRow("modules[1] 850-573", {2, 14}, Language::kEnglish),
            "modules[1] 850-573 (row 14)");
  EXPECT_EQ(WithRow("command.programme.modules[0].code", {2}, Language::kFrench),
            "command.programme.modules[0].code (rangée 2)");
  EXPECT_EQ(WithRow("modules[9] x", {2}, Language::kEnglish), "modules[9] x");
  EXPECT_EQ(WithRow("5830/en/2026", {2}, Language::kEnglish), "5830/en/2026");
}

TEST(ProgrammeFile, AQuebecSpreadsheetIsReadAsItIsSaved) {
  const ProgrammeFile file = ReadProgramme(
      "\xef\xbb\xbfprogram;module_code;statement_fr;hours;units\r\n"
      "5330;850-568;\"Freins; entretien, réparation\";120;8\r\n"
      "5330;850-573;Roues;45;3;x\r\n",
      [] {
        ProgrammeLabel label = Label("5330", 120);
        label.programme.mutable_ref()->set_language("fr");
        return label;
      }(),
      Language::kFrench);
  EXPECT_EQ(Told(file.problems), Lines{"3 MALFORMED"});
  EXPECT_NE(file.problems[0].words.find("« ; »"), std::string::npos) << file.problems[0].words;
  ASSERT_EQ(file.definition.modules_size(), 1);
  EXPECT_EQ(file.definition.modules(0).statement(), "Freins; entretien, réparation");
}

TEST(ProgrammeFile, OfAFileInUtf16OneThingIsSaid) {
  const ProgrammeFile file =
      ReadProgramme(std::string_view("\xff\xfep\0r\0", 6), Label("5830", 1800), Language::kEnglish);
  EXPECT_EQ(Told(file.problems), Lines{"0 MALFORMED"});
}

}  // namespace
}  // namespace jalon::cli
