// The words of reasons and causes, in both languages: one table per file of this folder. Whoever
// tells people uses explain.h.
#pragma once

#include <span>
#include <string_view>

#include "services/domain/reason.h"

namespace jalon::domain {

// What a reason says and what can be done, each in whole sentences.
struct ReasonWords {
  RefusalReason reason;
  std::string_view message_en;
  std::string_view message_fr;
  std::string_view remedy_en;
  std::string_view remedy_fr;
};

std::span<const ReasonWords> RequestWords();
std::span<const ReasonWords> CatalogueWords();
std::span<const ReasonWords> PlacementWords();
std::span<const ReasonWords> EvaluationWords();

// A sentence that says which of several causes it is: "It has not started."
struct CauseWords {
  std::string_view cause;
  std::string_view en;
  std::string_view fr;
};

std::span<const CauseWords> CausesInWords();

// A rule, and the sentence of the framework that states it.
struct SourceSentence {
  std::string_view rule;  // "R1" to "R23"
  std::string_view fr;    // as printed, but for capitals, hyphens at line ends and footnote marks
  std::string_view en;    // a translation of ours
};

// R1 to R23, in order.
std::span<const SourceSentence> SourceSentences();

}  // namespace jalon::domain
