// What stands in the record: of the last command, and of all commands of the scenario so far.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>

#include "jalon/event/v1/evaluation_events.pb.h"
#include "jalon/event/v1/event_body.pb.h"
#include "services/domain/event_type.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

std::vector<log::v1::Event> EventsOf(Stage& stage, const Answer& answer) {
  Result<std::vector<log::v1::Event>> events = stage.world().EventsOf(answer);
  if (!events) throw StepFailed{events.error().message};
  return std::move(*events);
}

// Whether the event is about that activity of the stay, or its make-up.
bool IsAbout(const log::v1::Event& event, const Bytes& stay_id, const std::string& activity) {
  if (event.aggregate() == stay_id + activity) return true;
  if (event.aggregate() != stay_id) return false;
  const auto* type =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(event.type()));
  const auto* field = type->message_type()->FindFieldByName("activity");
  if (field == nullptr) return false;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(type->message_type())
          ->New());
  if (!message->ParseFromString(event.payload())) throw StepFailed{"an event cannot be read"};
  return message->GetReflection()->GetString(*message, field) == activity;
}

// Exactly these events, in that order, in the records of all accepted commands.
void RecordIs(Step& step) {
  Stage& stage = step.stage();
  const Bytes stay_id = StayNamed(stage, step["stay"]);
  Words told;
  for (const Answer* answer : stage.Accepted()) {
    for (const log::v1::Event& event : EventsOf(stage, *answer)) {
      if (!IsAbout(event, stay_id, step["activity"])) continue;
      told.emplace_back(domain::EventName(event.type()));
    }
  }
  if (told != step.List("events")) {
    throw StepFailed{fmt::format("it is {}", fmt::join(told, " "))};
  }
}

// What the evaluation of the last command says that it was decided by: that policy, and exactly
// the records of those requests.
void Cites(Step& step) {
  Stage& stage = step.stage();
  event::v1::SummativeEvaluationRecorded recorded;
  bool found = false;
  for (const log::v1::Event& event : EventsOf(stage, stage.last())) {
    if (domain::EventName(event.type()) != recorded.GetDescriptor()->name()) continue;
    found = recorded.ParseFromString(event.payload());
  }
  if (!found) throw StepFailed{"no evaluation is recorded"};
  if (recorded.policy_version() != NumberNamed(step["version"])) {
    throw StepFailed{fmt::format("it cites policy {}", recorded.policy_version())};
  }
  std::map<uint64_t, std::string> wanted;
  for (Line& line : step.details()) {
    const auto requests = line.Is("requests <labels...>");
    if (!requests) continue;  // CheckUnderstood says so
    for (const std::string& label : requests->List("labels")) {
      wanted[stage.First(label).result.position().seq()] = label;
    }
  }
  Words wrong;
  uint64_t last = 0;
  for (const uint64_t seq : recorded.based_on_seqs()) {
    if (wanted.erase(seq) == 0) wrong.push_back(fmt::format("#{}, of none of these", seq));
    if (seq <= last) wrong.push_back(fmt::format("#{} after #{}", seq, last));
    last = seq;
  }
  for (const auto& [seq, label] : wanted) wrong.push_back(fmt::format("not #{}, {}", seq, label));
  if (!wrong.empty()) throw StepFailed{fmt::format("it cites {}", fmt::join(wrong, "; "))};
}

}  // namespace

void AddRecordSteps(StepTable& steps) {
  steps.Then("the record of <activity> of <stay> is <events...>", RecordIs);
  steps.Then("it cites policy <version>", Cites);
}

}  // namespace jalon::scenarios
