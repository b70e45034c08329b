#include "tests/scenarios/runner/script.h"

#include <fmt/format.h>

namespace jalon::scenarios {
namespace {

bool IsIndented(std::string_view line) { return line.starts_with(' '); }

std::string_view Trimmed(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

// Takes the first word off the line.
std::string_view TakeWord(std::string_view* line) {
  const std::string_view word = line->substr(0, line->find(' '));
  line->remove_prefix(word.size());
  *line = Trimmed(*line);
  return word;
}

class Parser {
 public:
  explicit Parser(std::string_view file) : file_(file) {}

  Result<void> Take(int number, std::string_view line) {
    line_ = number;
    const std::string_view text = Trimmed(line);
    if (text.empty()) {
      after_empty_ = true;
      return {};
    }
    const bool begins = after_empty_;
    after_empty_ = false;
    if (text.starts_with('#')) {
      if (begins) {
        script_.scenarios.push_back({.title = std::string(Trimmed(text.substr(1))),
                                     .file = std::string(file_),
                                     .line = number,
                                     .steps = {}});
      }
      return {};
    }
    return IsIndented(line) ? Detail(text) : Step(text);
  }

  Script Finish() && { return std::move(script_); }

 private:
  std::unexpected<Error> Wrong(std::string_view why) const {
    return Fail(Code::kInvalidArgument, "MALFORMED", fmt::format("{}:{}: {}", file_, line_, why));
  }

  Result<Sentence> Split(std::string_view text) const {
    Sentence sentence{.line = line_, .words = {}, .clauses = {}};
    if (!SplitSentence(text, &sentence)) return Wrong("a quote does not end");
    return sentence;
  }

  Result<void> Step(std::string_view text) {
    const std::string_view word = TakeWord(&text);
    if (word == "uses") {
      script_.uses.emplace_back(text);
      return {};
    }
    if (script_.scenarios.empty()) return Wrong("a step stands before the first '# title'");
    std::vector<StepText>& steps = script_.scenarios.back().steps;
    StepText step;
    if (word == "when") {
      step.keyword = Keyword::kWhen;
    } else if (word == "then") {
      step.keyword = Keyword::kThen;
    } else if (word == "and") {
      if (steps.empty()) return Wrong("'and' continues no step");
      step.keyword = steps.back().keyword;
    } else if (word != "given") {
      return Wrong("a step begins with given, when, then or and");
    }
    JALON_ASSIGN_OR_RETURN(step.sentence, Split(text));
    steps.push_back(std::move(step));
    return {};
  }

  Result<void> Detail(std::string_view text) {
    if (script_.scenarios.empty() || script_.scenarios.back().steps.empty()) {
      return Wrong("an indented line says more about no step");
    }
    JALON_ASSIGN_OR_RETURN(Sentence sentence, Split(text));
    script_.scenarios.back().steps.back().details.push_back(std::move(sentence));
    return {};
  }

  std::string_view file_;
  Script script_;
  int line_ = 0;
  bool after_empty_ = true;  // the start of the file counts as an empty line
};

}  // namespace

Result<Script> ParseScript(std::string_view file, std::string_view text) {
  Parser parser(file);
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    JALON_RETURN_IF_ERROR(parser.Take(number, text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(parser).Finish();
}

}  // namespace jalon::scenarios
