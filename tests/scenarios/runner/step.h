// One step while it runs, as step functions see it; and the table of steps.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/runner/stage.h"

namespace jalon::scenarios {

// A clause or an indented line: it must be understood by some pattern of the step.
class Line {
 public:
  Line(const Words& words, int line) : words_(words), line_(line) {}

  // Matches the pattern; a line that matched is understood.
  std::optional<Match> Is(std::string_view pattern) {
    std::optional<Match> match = MatchPattern(pattern, words_);
    understood_ = understood_ || match.has_value();
    return match;
  }
  bool understood() const { return understood_; }
  const Words& words() const { return words_; }
  int line() const { return line_; }
  // The clauses of an indented line.
  std::vector<Line> clauses;

 private:
  Words words_;
  int line_;
  bool understood_ = false;
};

class Step {
 public:
  Step(Stage& stage, const StepText& text, Match match);

  Stage& stage() { return stage_; }
  const Words& words() const { return text_.sentence.words; }
  // What a placeholder of the step's pattern stands for.
  std::string operator[](std::string_view name) const { return match_[name]; }
  Words List(std::string_view name) const { return match_.List(name); }
  bool Has(std::string_view name) const { return match_.Has(name); }

  // The clauses that no common clause (below) took, and the indented lines.
  std::vector<Line>& clauses() { return clauses_; }
  std::vector<Line>& details() { return details_; }
  // Both, one after the other.
  std::vector<Line*> Lines();

  // Sends the command as `who`. Common clauses say what goes into the header:
  //
  //   as ROLE · request LABEL · expecting version N · dry run · all or nothing ·
  //   on behalf of PERSON by paper|telephone|message|word of mouth [REFERENCE] ·
  //   late since the paper came late|somebody was absent|it was forgotten|jalon was away
  //
  // A `given` must be accepted.
  const Answer& Send(const std::string& who, const google::protobuf::Message& command);
  // The id of the first thing of that kind that the last command created; empty: none, since it was
  // refused.
  Bytes Created(type::v1::AggregateKind kind) const;
  // Gives what the last command created a name.
  void NameCreated(Named named, const std::string& name, type::v1::AggregateKind kind);
  // The person who came to exist with it.
  void NameCreatedPerson(const std::string& name);

  // Every clause and indented line was understood; throws StepFailed otherwise.
  void CheckUnderstood() const;

 private:
  void TakeCommonClauses();

  Stage& stage_;
  const StepText& text_;
  Match match_;
  std::vector<Line> clauses_;
  std::vector<Line> details_;
  type::v1::CommandHeader header_;
  std::string role_;
};

using StepFunction = std::function<void(Step&)>;

// The steps that scenarios are written in.
class StepTable {
 public:
  // `keyword`: kThen for steps that look at the last answer, else kGiven (which serves `when` too).
  void Given(std::string_view pattern, StepFunction function) {
    entries_.push_back({Keyword::kGiven, std::string(pattern), std::move(function)});
  }
  void Then(std::string_view pattern, StepFunction function) {
    entries_.push_back({Keyword::kThen, std::string(pattern), std::move(function)});
  }

  // Runs the one step that matches; throws StepFailed.
  void Run(Stage& stage, const StepText& text) const;
  // Every pattern, for the README's table.
  std::vector<std::string> Patterns() const;

 private:
  struct Entry {
    Keyword keyword;
    std::string pattern;
    StepFunction function;
  };
  std::vector<Entry> entries_;
};

// Why it was refused, or how accepted, on one line.
std::string Described(const Answer& answer);

}  // namespace jalon::scenarios
