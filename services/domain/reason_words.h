// The tables of words, one file per family of reasons. Who wants one reason's words asks explain.h.
#pragma once

#include <array>
#include <span>

#include "services/domain/explain.h"

namespace jalon::domain {

struct ReasonEntry {
  RefusalReason reason;
  ReasonWords words;
};

std::span<const ReasonEntry> RequestReasonWords();     // words/request.cc
std::span<const ReasonEntry> ServerReasonWords();      // words/server.cc
std::span<const ReasonEntry> CatalogueReasonWords();   // words/catalogue.cc
std::span<const ReasonEntry> PlacementReasonWords();   // words/placement.cc
std::span<const ReasonEntry> StayReasonWords();        // words/stay.cc
std::span<const ReasonEntry> EvaluationReasonWords();  // words/evaluation.cc

inline std::array<std::span<const ReasonEntry>, 6> AllReasonWords() {
  return {RequestReasonWords(),   ServerReasonWords(), CatalogueReasonWords(),
          PlacementReasonWords(), StayReasonWords(),   EvaluationReasonWords()};
}

}  // namespace jalon::domain
