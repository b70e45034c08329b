#include "tests/scenarios/runner/sentence.h"

#include <algorithm>
#include <span>

namespace jalon::scenarios {
namespace {

std::string Joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// A part of a pattern: a literal (or several), a placeholder, or an optional group.
struct Part {
  std::vector<std::string> literals = {};
  std::string placeholder = {};
  bool many = false;
  std::vector<Part> optional = {};
};

std::vector<Part> ParsePattern(std::string_view pattern, size_t* at) {
  std::vector<Part> parts;
  while (*at < pattern.size()) {
    const char c = pattern[*at];
    if (c == ' ') {
      ++*at;
    } else if (c == ']') {
      break;
    } else if (c == '[') {
      ++*at;
      parts.push_back({.optional = ParsePattern(pattern, at)});
      ++*at;
    } else {
      const size_t end = std::min(pattern.find_first_of(" ]", *at), pattern.size());
      std::string_view word = pattern.substr(*at, end - *at);
      *at = end;
      if (word.starts_with('<')) {
        const bool many = word.ends_with("...>");
        parts.push_back({.placeholder = std::string(word.substr(1, word.size() - (many ? 5 : 2))),
                         .many = many});
        continue;
      }
      Part& part = parts.emplace_back();
      for (size_t bar = 0; bar != std::string_view::npos;) {
        bar = word.find('|');
        part.literals.emplace_back(word.substr(0, bar));
        if (bar != std::string_view::npos) word.remove_prefix(bar + 1);
      }
    }
  }
  return parts;
}

bool MatchParts(std::span<const Part> parts, std::span<const std::string> words, Match& match) {
  if (parts.empty()) return words.empty();
  const Part& part = parts.front();
  const auto rest = parts.subspan(1);
  if (!part.optional.empty()) {
    std::vector<Part> with = part.optional;
    with.insert(with.end(), rest.begin(), rest.end());
    Match attempt = match;
    if (MatchParts(with, words, attempt)) {
      match = attempt;
      return true;
    }
    return MatchParts(rest, words, match);
  }
  if (words.empty()) return false;
  if (part.placeholder.empty()) {
    return std::ranges::find(part.literals, words.front()) != part.literals.end() &&
           MatchParts(rest, words.subspan(1), match);
  }
  const size_t most = part.many ? words.size() : 1;
  for (size_t count = 1; count <= most; ++count) {
    Match attempt = match;
    attempt.Set(part.placeholder, Words(words.begin(), words.begin() + count));
    if (!MatchParts(rest, words.subspan(count), attempt)) continue;
    match = attempt;
    return true;
  }
  return false;
}

}  // namespace

std::string Sentence::Text() const {
  std::string text = Joined(words);
  for (const Words& clause : clauses) text += ", " + Joined(clause);
  return text;
}

std::string Match::operator[](std::string_view name) const { return Joined(List(name)); }

Words Match::List(std::string_view name) const {
  const auto found = words_.find(name);
  return found == words_.end() ? Words() : found->second;
}

bool SplitSentence(std::string_view line, Sentence* sentence) {
  Words* current = &sentence->words;
  std::string word;
  bool in_word = false;
  bool quoted = false;
  const auto end_word = [&] {
    if (in_word) current->push_back(word);
    word.clear();
    in_word = false;
  };
  for (const char c : line) {
    if (quoted) {
      if (c == '"') {
        quoted = false;
      } else {
        word += c;
      }
    } else if (c == '"') {
      quoted = in_word = true;
    } else if (c == ' ') {
      end_word();
    } else if (c == ',') {
      end_word();
      current = &sentence->clauses.emplace_back();
    } else {
      word += c;
      in_word = true;
    }
  }
  end_word();
  return !quoted;
}

std::optional<Match> MatchPattern(std::string_view pattern, const Words& words) {
  size_t at = 0;
  const std::vector<Part> parts = ParsePattern(pattern, &at);
  Match match;
  if (!MatchParts(parts, words, match)) return std::nullopt;
  return match;
}

}  // namespace jalon::scenarios
