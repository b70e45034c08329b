#include "tests/scenarios/runner/runner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/domain/reasons.h"

namespace jalon::scenarios {
namespace {

constexpr const char* kFolder = "tests/scenarios";

// Tuesday 2026-09-01, 9:00 in Toronto: where every scenario begins.
constexpr Micros kStart = std::chrono::seconds(1788267600);

struct Options {
  std::string filter;
  std::string coverage;
  bool steps = false;
};

Result<Script> ReadScript(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return Fail(Code::kNotFound, "NOT_FOUND", path.string() + " cannot be read");
  }
  return ParseScript(path.string(), text.str());
}

// What a scenario proved, for the coverage table.
class Coverage {
 public:
  void Note(const std::string& command, const std::string& what, const std::string& place) {
    lines_.insert(fmt::format("{} {} {}", command, what, place));
  }
  bool Write(const std::string& path) const {
    std::ofstream file(path);
    for (const std::string& line : lines_) file << line << "\n";
    return static_cast<bool>(file);
  }

 private:
  std::set<std::string> lines_;
};

class ScenarioTest : public testing::Test {
 public:
  ScenarioTest(Scenario scenario, const StepTable& steps, const MakeWorld& make_world,
               Coverage& coverage)
      : scenario_(std::move(scenario)),
        steps_(steps),
        make_world_(make_world),
        coverage_(coverage) {}

  void TestBody() override {
    const std::unique_ptr<World> world = make_world_(kStart);
    Stage stage(*world);
    for (size_t i = 0; i < scenario_.steps.size(); ++i) {
      const StepText& step = scenario_.steps[i];
      const bool block_ends =
          step.keyword == Keyword::kThen &&
          (i + 1 == scenario_.steps.size() || scenario_.steps[i + 1].keyword != Keyword::kThen);
      try {
        CheckOrder(i);
        steps_.Run(stage, step);
        if (block_ends) EndBlock(stage, step.sentence.line);
      } catch (const StepFailed& failed) {
        ADD_FAILURE_AT(scenario_.file.c_str(), step.sentence.line)
            << step.sentence.Text() << "\n  " << failed.why
            << "\n  replay: scenarios_test --filter=\"" << scenario_.title << "\"";
        return;
      }
    }
  }

 private:
  // Each `when` is looked at before the next one, and before the end.
  void CheckOrder(size_t at) const {
    const auto& steps = scenario_.steps;
    const bool looked_at = at + 1 < steps.size() && steps[at + 1].keyword != Keyword::kGiven;
    if (steps[at].keyword == Keyword::kWhen && !looked_at) {
      throw StepFailed{"a when is followed by a then"};
    }
  }

  // A refusal lists all that fails: what it lists and no `then` names is a surprise.
  void EndBlock(Stage& stage, int line) {
    ExpectedRefusals expected = std::exchange(stage.expected, {});
    const Answer& answer = stage.last();
    const std::string place =
        fmt::format("{}:{}", std::filesystem::path(scenario_.file).filename().string(), line);
    for (const auto& [query, reason] : std::exchange(stage.shown, {})) {
      coverage_.Note(query, std::string(domain::ReasonName(reason)), place);
    }
    for (const domain::RefusalReason reason : expected.named) {
      coverage_.Note(stage.last_command(), std::string(domain::ReasonName(reason)), place);
    }
    if (stage.WasOutOfScope()) coverage_.Note(stage.last_command(), "OUT_OF_SCOPE", place);
    if (answer.accepted) {
      coverage_.Note(stage.last_command(), "ok", place);
      return;
    }
    for (const auto& refusal : answer.refusal.refusals()) {
      if (!expected.named.contains(refusal.reason())) {
        throw StepFailed{"no then names all of this: " + Described(answer)};
      }
    }
  }

  Scenario scenario_;
  const StepTable& steps_;
  const MakeWorld& make_world_;
  Coverage& coverage_;
};

Options TakeOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--filter=")) options.filter = argument.substr(9);
    if (argument.starts_with("--coverage=")) options.coverage = argument.substr(11);
    if (argument == "--steps") options.steps = true;
  }
  return options;
}

// The scenarios of a file, each with the steps of what the file uses before its own.
Result<std::vector<Scenario>> Load(const std::filesystem::path& path) {
  JALON_ASSIGN_OR_RETURN(Script script, ReadScript(path));
  std::vector<StepText> before;
  for (const std::string& name : script.uses) {
    JALON_ASSIGN_OR_RETURN(const Script used,
                           ReadScript(std::filesystem::path(kFolder) / "common" / (name + ".scn")));
    for (const Scenario& scenario : used.scenarios) {
      before.insert(before.end(), scenario.steps.begin(), scenario.steps.end());
    }
  }
  for (Scenario& scenario : script.scenarios) {
    scenario.steps.insert(scenario.steps.begin(), before.begin(), before.end());
  }
  return std::move(script.scenarios);
}

std::vector<std::filesystem::path> ScenarioFiles() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".scn") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// A name that gtest accepts: letters, digits, underscores.
std::string TestName(const Scenario& scenario) {
  std::string name = fmt::format("L{}_", scenario.line);
  for (const char c : scenario.title) {
    const bool plain = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9');
    if (plain || name.back() != '_') name += plain ? c : '_';
  }
  return name;
}

}  // namespace

int RunScenarios(int argc, char** argv, const std::string& world_name, MakeWorld make_world) {
  testing::InitGoogleTest(&argc, argv);
  const Options options = TakeOptions(argc, argv);
  const StepTable steps = AllSteps();
  if (options.steps) {
    for (const std::string& pattern : steps.Patterns()) fmt::print("{}\n", pattern);
    return 0;
  }
  Coverage coverage;
  for (const std::filesystem::path& path : ScenarioFiles()) {
    Result<std::vector<Scenario>> scenarios = Load(path);
    if (!scenarios) {
      fmt::print(stderr, "{}\n", scenarios.error().message);
      return 1;
    }
    for (const Scenario& scenario : *scenarios) {
      const std::string text = path.string() + " " + scenario.title;
      if (text.find(options.filter) == std::string::npos) continue;
      testing::RegisterTest((world_name + "_" + path.stem().string()).c_str(),
                            TestName(scenario).c_str(), nullptr, nullptr, path.c_str(),
                            scenario.line, [&, scenario]() -> testing::Test* {
                              return new ScenarioTest(scenario, steps, make_world, coverage);
                            });
    }
  }
  const int failed = RUN_ALL_TESTS();
  if (!options.coverage.empty() && !coverage.Write(options.coverage)) {
    fmt::print(stderr, "{} cannot be written\n", options.coverage);
    return 1;
  }
  return failed;
}

}  // namespace jalon::scenarios
