#include "deploy/demo/sequences.h"

namespace jalon::demo {
namespace {

using catalogue::v1::ActivityDefinition;
using catalogue::v1::ProgrammeRef;
using catalogue::v1::Target;

constexpr uint32_t kMinutesPerHour = 60;

struct Words {
  const char* code;
  const char* title;
  const char* partial_module;
  const char* complete_module;
  const char* complement;
  // Three objectives of the first module, two of the second.
  const char* objectives[5];
  // Five activities; the fifth works towards both modules.
  const char* activities[5];
};

constexpr uint32_t kActivityHours[5] = {40, 30, 35, 20, 25};

void AddTargets(const Words& words, catalogue::v1::DesignSequence* design) {
  Target* partial = design->add_targets();
  partial->set_module(words.partial_module);
  partial->set_mode(type::v1::DEVELOPMENT_MODE_PARTIAL);
  partial->mutable_complement()->set_description(words.complement);
  Target* complete = design->add_targets();
  complete->set_module(words.complete_module);
  complete->set_mode(type::v1::DEVELOPMENT_MODE_COMPLETE);
}

void AddActivities(const Words& words, SequencePlan* plan) {
  for (int i = 0; i < 5; ++i) {
    ActivityDefinition* activity = plan->activities.add_activities();
    activity->set_code("a" + std::to_string(i + 1));
    activity->set_wording(words.activities[i]);
    activity->set_expected_result("Done safely, checked by the tutor, to the maker's figures.");
    activity->set_planned_minutes(kActivityHours[i] * kMinutesPerHour);
    activity->add_objectives(plan->objectives[static_cast<size_t>(i)]);
  }
  plan->activities.mutable_activities(4)->add_objectives(plan->objectives[0]);
}

SequencePlan Plan(const ProgrammeRef& programme, const Words& words) {
  SequencePlan plan;
  plan.modules = {words.partial_module, words.complete_module};
  catalogue::v1::DesignSequence& design = plan.design;
  *design.mutable_programme() = programme;
  design.set_type(type::v1::SEQUENCE_TYPE_DEVELOPMENT);
  design.set_code(words.code);
  design.set_title(words.title);
  AddTargets(words, &design);
  for (int i = 0; i < 5; ++i) {
    auto* objective = design.add_objectives();
    objective->set_code("o" + std::to_string(i + 1));
    objective->set_module(i < 3 ? words.partial_module : words.complete_module);
    objective->set_wording(words.objectives[i]);
    plan.objectives.push_back(objective->code());
  }
  design.mutable_rationale()->set_needs("The school's bays are full in autumn.");
  design.mutable_rationale()->set_interest("Local companies asked for a student.");
  design.mutable_rationale()->set_capacity("Each declared its seats.");
  AddActivities(words, &plan);
  return plan;
}

}  // namespace

SequencePlan Freins(const ProgrammeRef& programme) {
  return Plan(programme,
              {.code = "FREINS",
               .title = "Brakes and wheels in the garage",
               .partial_module = "850-568",
               .complete_module = "850-573",
               .complement = "Reading of hydraulic diagrams and brake bench, at school.",
               .objectives = {"Inspect an air brake circuit", "Replace linings and chambers",
                              "Adjust and test the brakes", "Remove and fit wheels",
                              "Replace bearings and seals"},
               .activities = {"Inspect the air brakes of a tractor at its periodic service",
                              "Replace the linings of one axle",
                              "Adjust the brakes and test them on the road",
                              "Change the tyres and wheels of a trailer",
                              "Replace wheel bearings and bleed the brakes"}});
}

SequencePlan Coupe(const ProgrammeRef& programme) {
  return Plan(programme,
              {.code = "COUPE",
               .title = "Cutting and setting in the salon",
               .partial_module = "918-108",
               .complete_module = "918-073",
               .complement = "Cutting on a practice head, at school.",
               .objectives = {"Prepare the client and the station", "Cut by sections",
                              "Check the balance of the cut", "Choose a set", "Set and dry hair"},
               .activities = {"Receive clients and prepare their hair",
                              "Cut hair at one length under the tutor's eye",
                              "Finish and correct a layered cut", "Set hair on rollers",
                              "Cut and set a client's hair from start to end"}});
}

SequencePlan Widened(SequencePlan plan, uint32_t count) {
  const uint32_t minutes = 150 * kMinutesPerHour / count;
  ActivityDefinition model = plan.activities.activities(0);
  plan.activities.clear_activities();
  for (uint32_t i = 0; i < count; ++i) {
    model.set_code("a" + std::to_string(i + 1));
    model.set_planned_minutes(minutes);
    model.clear_objectives();
    model.add_objectives(plan.objectives[i % plan.objectives.size()]);
    *plan.activities.add_activities() = model;
  }
  return plan;
}

}  // namespace jalon::demo
