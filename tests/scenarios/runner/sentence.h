// A sentence of a scenario: words, and clauses set off by commas. Patterns say which sentences a
// step understands.
//
//   sentence   jean designs sequence FREINS on 5830, request r1, dry run
//   pattern    <who> designs sequence <code> on <programme>
//
// A pattern's words match themselves; a|b either word; <name> one word or one "quoted text";
// <name...> one or more; [in brackets] may be left out. Clauses are matched one by one, each by
// patterns of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jalon::scenarios {

using Words = std::vector<std::string>;

struct Sentence {
  int line = 0;
  Words words;
  std::vector<Words> clauses;

  std::string Text() const;
};

// What the placeholders of a pattern stand for.
class Match {
 public:
  bool Has(std::string_view name) const { return words_.contains(name); }
  // The word, or the words with a space between; "" if the sentence left them out.
  std::string operator[](std::string_view name) const;
  Words List(std::string_view name) const;

  void Set(std::string_view name, Words words) { words_[std::string(name)] = std::move(words); }

 private:
  std::map<std::string, Words, std::less<>> words_;
};

// Splits a line; false on a quote that does not end.
bool SplitSentence(std::string_view line, Sentence* sentence);

// Matches all of `words`, or nothing.
std::optional<Match> MatchPattern(std::string_view pattern, const Words& words);

}  // namespace jalon::scenarios
