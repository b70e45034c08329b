#include "tests/scenarios/runner/step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/domain/reasons.h"

namespace jalon::scenarios {
namespace {

type::v1::Channel ChannelNamed(const std::string& name) {
  if (name == "paper") return type::v1::CHANNEL_PAPER;
  if (name == "telephone") return type::v1::CHANNEL_TELEPHONE;
  if (name == "message") return type::v1::CHANNEL_MESSAGE;
  if (name == "mouth") return type::v1::CHANNEL_IN_PERSON;
  throw StepFailed{fmt::format("'{}' is no channel", name)};
}

// Each ground, as a coordinator would say it.
struct Ground {
  std::string_view words;
  type::v1::BackdatingGround ground;
};
constexpr Ground kGrounds[] = {
    {"late since the paper came late", type::v1::BACKDATING_GROUND_LATE_DOCUMENT},
    {"late since somebody was absent", type::v1::BACKDATING_GROUND_ABSENCE},
    {"late since it was forgotten", type::v1::BACKDATING_GROUND_OMISSION},
    {"late since jalon was away", type::v1::BACKDATING_GROUND_OUTAGE},
    {"late since it was before jalon", type::v1::BACKDATING_GROUND_MIGRATION},
};

}  // namespace

Step::Step(Stage& stage, const StepText& text, Match match)
    : stage_(stage), text_(text), match_(std::move(match)) {
  for (const Words& clause : text.sentence.clauses) {
    clauses_.emplace_back(clause, text.sentence.line);
  }
  for (const Sentence& detail : text.details) {
    Line& line = details_.emplace_back(detail.words, detail.line);
    for (const Words& clause : detail.clauses) line.clauses.emplace_back(clause, detail.line);
  }
}

std::vector<Line*> Step::Lines() {
  std::vector<Line*> lines;
  for (Line& clause : clauses_) lines.push_back(&clause);
  for (Line& detail : details_) lines.push_back(&detail);
  return lines;
}

void Step::TakeCommonClauses() {
  std::string label;
  for (Line& clause : clauses_) {
    if (clause.understood()) continue;
    if (const auto request = clause.Is("request <label>")) label = (*request)["label"];
    if (const auto as = clause.Is("as <role>")) role_ = (*as)["role"];
    if (const auto expecting = clause.Is("expecting version <number>")) {
      header_.set_expected_version(NumberNamed((*expecting)["number"]));
    }
    if (clause.Is("dry run")) header_.set_dry_run(true);
    if (clause.Is("all or nothing")) header_.set_all_or_nothing(true);
    for (const Ground& ground : kGrounds) {
      if (clause.Is(ground.words)) header_.set_backdating_ground(ground.ground);
    }
    if (const auto other =
            clause.Is("on behalf of <person> by [word of] <channel> [<reference>]")) {
      type::v1::OnBehalfOf& on_behalf_of = *header_.mutable_on_behalf_of();
      on_behalf_of.set_person_id(stage_.Id(Named::kPerson, (*other)["person"]));
      on_behalf_of.set_channel(ChannelNamed((*other)["channel"]));
      on_behalf_of.set_document_ref((*other)["reference"]);
    }
  }
  header_.set_request_id(stage_.RequestId(label));
}

const Answer& Step::Send(const std::string& who, const google::protobuf::Message& command) {
  TakeCommonClauses();
  const domain::Principal& caller = stage_.Caller(who, role_);
  if (caller.school_id.empty()) header_.set_school_id(stage_.school_id());
  const Answer& answer = stage_.Send(caller, command, header_);
  if (text_.keyword == Keyword::kGiven && !answer.accepted) {
    throw StepFailed{"a given step was " + Described(answer)};
  }
  return answer;
}

Bytes Step::Created(type::v1::AggregateKind kind) const {
  for (const auto& created : stage_.last().result.created()) {
    if (created.kind() == kind) return created.id();
  }
  return {};
}

void Step::NameCreated(Named named, const std::string& name, type::v1::AggregateKind kind) {
  const Answer& answer = stage_.last();
  if (!answer.accepted || answer.result.dry_run()) return;
  const Bytes id = Created(kind);
  if (!id.empty()) stage_.Name(named, name, id);
}

void Step::NameCreatedPerson(const std::string& name) {
  const Answer& answer = stage_.last();
  if (!answer.accepted || answer.result.dry_run()) return;
  for (const auto& created : answer.result.created()) {
    if (!created.person_id().empty()) stage_.Name(Named::kPerson, name, created.person_id());
  }
}

void Step::CheckUnderstood() const {
  const auto check = [](const std::vector<Line>& lines) {
    for (const Line& line : lines) {
      if (!line.understood()) {
        throw StepFailed{fmt::format("line {}: this step does not understand '{}'", line.line(),
                                     fmt::join(line.words(), " "))};
      }
      for (const Line& clause : line.clauses) {
        if (clause.understood()) continue;
        throw StepFailed{fmt::format("line {}: this step does not understand '{}'", clause.line(),
                                     fmt::join(clause.words(), " "))};
      }
    }
  };
  check(clauses_);
  check(details_);
}

void StepTable::Run(Stage& stage, const StepText& text) const {
  const Keyword wanted = text.keyword == Keyword::kThen ? Keyword::kThen : Keyword::kGiven;
  const Entry* found = nullptr;
  std::optional<Match> found_match;
  for (const Entry& entry : entries_) {
    if (entry.keyword != wanted) continue;
    std::optional<Match> match = MatchPattern(entry.pattern, text.sentence.words);
    if (!match) continue;
    if (found != nullptr) {
      throw StepFailed{
          fmt::format("two steps match: '{}' and '{}'", found->pattern, entry.pattern)};
    }
    found = &entry;
    found_match = std::move(match);
  }
  if (found == nullptr) {
    throw StepFailed{"no step says this; tests/scenarios/README.md lists what there is"};
  }
  Step step(stage, text, std::move(*found_match));
  found->function(step);
  step.CheckUnderstood();
}

std::vector<std::string> StepTable::Patterns() const {
  std::vector<std::string> patterns;
  for (const Entry& entry : entries_) {
    patterns.push_back((entry.keyword == Keyword::kThen ? "then   " : "when   ") + entry.pattern);
  }
  return patterns;
}

std::string Described(const Answer& answer) {
  const auto named = [](const refusal::v1::Refusal& refusal) {
    std::string text(domain::ReasonName(refusal.reason()));
    if (!refusal.cause().empty()) text += "/" + refusal.cause();
    if (!refusal.subjects().empty()) {
      text += fmt::format(" for {}", fmt::join(refusal.subjects(), ", "));
    }
    return text;
  };
  std::vector<std::string> parts;
  if (!answer.accepted) {
    for (const auto& refusal : answer.refusal.refusals()) parts.push_back(named(refusal));
    return fmt::format("refused: {}", fmt::join(parts, "; "));
  }
  for (const auto& warning : answer.result.warnings()) {
    parts.push_back("warning " + named(warning.notice()));
  }
  for (const auto& row : answer.result.refused_rows()) {
    for (const auto& refusal : row.refusals()) {
      parts.push_back(fmt::format("row {} {}", row.row() + 1, named(refusal)));
    }
  }
  return parts.empty() ? "accepted" : fmt::format("accepted: {}", fmt::join(parts, "; "));
}

}  // namespace jalon::scenarios
