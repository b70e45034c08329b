#include "tests/properties/oracle.h"

#include <google/protobuf/descriptor.h>

#include <cstdio>
#include <cstdlib>

#include "jalon/event/v1/event_body.pb.h"

namespace jalon::properties {
namespace {

using std::string;
namespace ev = event::v1;

string Hex(const string& bytes) {
  string text;
  for (const char byte : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    text += two;
  }
  return text;
}

bool Touches(const type::v1::PlannedActivity& activity, const string& module) {
  for (const auto& share : activity.shares()) {
    if (share.module() == module) return true;
  }
  return false;
}

}  // namespace

// A stay as it was scheduled.
struct Oracle::Plan {
  string stay_id;
  const ev::StayScheduled* scheduled;
};

void Oracle::Hear(uint64_t seq, const string& encoded_event) {
  log::v1::Event envelope;
  if (!envelope.ParseFromString(encoded_event)) std::abort();
  const auto* field =
      ev::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(envelope.type()));
  if (field == nullptr) std::abort();
  Told told;
  told.seq = seq;
  told.aggregate = envelope.aggregate();
  told.subject = envelope.subject();
  told.occurred_on = envelope.occurred_on();
  told.message.reset(google::protobuf::MessageFactory::generated_factory()
                         ->GetPrototype(field->message_type())
                         ->New());
  if (!told.message->ParseFromString(envelope.payload())) std::abort();
  events_.push_back(std::move(told));
}

bool Oracle::HasModule(const string& student_id, const string& module) const {
  string pinned;
  for (const Told& told : events_) {
    if (const auto* enrolled = told.As<ev::StudentEnrolled>()) {
      if (told.subject == student_id) pinned = enrolled->programme().SerializeAsString();
    }
  }
  for (const Told& told : events_) {
    const auto* adopted = told.As<ev::ProgrammeAdopted>();
    if (adopted == nullptr || adopted->programme().ref().SerializeAsString() != pinned) continue;
    for (const auto& known : adopted->programme().modules()) {
      if (known.code() == module) return true;
    }
  }
  return false;
}

bool Oracle::InAlternance(const string& student_id) const {
  bool in_alternance = false;
  for (const Told& told : events_) {
    const auto* enrolled = told.As<ev::StudentEnrolled>();
    if (enrolled != nullptr && told.subject == student_id) {
      in_alternance = enrolled->in_alternance();
    }
  }
  return in_alternance;
}

bool Oracle::HasSucceeded(const string& student_id, const string& module) const {
  bool succeeded = false;
  for (const Told& told : events_) {
    const auto* evaluated = told.As<ev::SummativeEvaluationRecorded>();
    if (evaluated == nullptr || told.subject != student_id || evaluated->module() != module)
      continue;
    if (evaluated->result() == type::v1::EVALUATION_RESULT_ABSENT) continue;
    succeeded = evaluated->result() == type::v1::EVALUATION_RESULT_SUCCESS;
  }
  return succeeded;
}

string Oracle::Choice(const string& key, const string& otherwise, uint32_t on) const {
  string choice = otherwise;
  uint32_t since = 0;
  for (const Told& told : events_) {
    const auto* set = told.As<ev::PolicySet>();
    if (set == nullptr || set->setting().key() != key) continue;
    if (set->effective_on() <= on && set->effective_on() >= since) {
      since = set->effective_on();
      choice = set->setting().choice();
    }
  }
  return choice;
}

std::vector<Oracle::Plan> Oracle::StaysOn(const string& student_id, const string& module) const {
  std::vector<Plan> stays;
  for (const Told& told : events_) {
    const auto* scheduled = told.As<ev::StayScheduled>();
    if (scheduled == nullptr || told.subject != student_id) continue;
    if (scheduled->type() != type::v1::SEQUENCE_TYPE_DEVELOPMENT) continue;
    for (const auto& activity : scheduled->activities()) {
      if (!Touches(activity, module)) continue;
      stays.push_back({told.aggregate, scheduled});
      break;
    }
  }
  return stays;
}

string Oracle::StateOf(const string& stay_id, uint32_t* ended_on) const {
  string state = "PLANNED";
  for (const Told& told : events_) {
    if (told.aggregate != stay_id) continue;
    if (told.As<ev::StayStarted>() != nullptr) state = "STARTED";
    if (const auto* ended = told.As<ev::StayEnded>()) {
      state = "ENDED";
      *ended_on = ended->ended_on();
    }
  }
  return state;
}

uint32_t Oracle::LastDayOf(const string& stay_id) const {
  uint32_t ended_on = 0;
  StateOf(stay_id, &ended_on);
  return ended_on;
}

bool Oracle::WasEvaluatedAfter(const string& stay_id, const string& activity) const {
  std::set<string> modules;
  bool ended = false;
  bool evaluated = false;
  for (const Told& told : events_) {
    const auto* scheduled = told.As<ev::StayScheduled>();
    if (scheduled != nullptr && told.aggregate == stay_id) {
      for (const auto& planned : scheduled->activities()) {
        if (planned.activity() != activity) continue;
        for (const auto& share : planned.shares()) modules.insert(share.module());
      }
    }
    ended |= told.aggregate == stay_id && told.As<ev::StayEnded>() != nullptr;
    const auto* result = told.As<ev::SummativeEvaluationRecorded>();
    if (result == nullptr || told.subject != stay_id.substr(0, 8)) continue;
    evaluated |= ended && modules.contains(result->module()) &&
                 result->result() != type::v1::EVALUATION_RESULT_ABSENT;
  }
  return evaluated;
}

string Oracle::MakeUpFault() const {
  for (const Told& ending : events_) {
    if (ending.As<ev::StayEnded>() == nullptr) continue;
    for (const Told& told : events_) {
      const auto* scheduled = told.As<ev::StayScheduled>();
      if (scheduled == nullptr || told.aggregate != ending.aggregate) continue;
      const bool makes_up = scheduled->type() == type::v1::SEQUENCE_TYPE_DEVELOPMENT;
      for (const auto& planned : scheduled->activities()) {
        const string& activity = planned.activity();
        int required = 0;
        for (const Told& owing : events_) {
          if (owing.aggregate != ending.aggregate + activity) continue;
          if (owing.As<ev::MakeUpRequired>() == nullptr) continue;
          required += owing.seq == ending.seq ? 1 : 100;
        }
        const bool missed = OutcomeOf(ending.aggregate, activity, ending.seq) != "COMPLETED";
        if (required != (missed && makes_up ? 1 : 0)) return Hex(ending.aggregate) + "/" + activity;
      }
    }
  }
  return {};
}

std::vector<string> Oracle::Planned(const string& stay_id) const {
  std::vector<string> activities;
  for (const Told& told : events_) {
    const auto* scheduled = told.As<ev::StayScheduled>();
    if (scheduled == nullptr || told.aggregate != stay_id) continue;
    for (const auto& activity : scheduled->activities()) activities.push_back(activity.activity());
  }
  return activities;
}

std::vector<string> Oracle::Assigned(const string& student_id, const string& sequence_id) const {
  uint32_t version = 0;
  for (const Told& told : events_) {
    const auto* assigned = told.As<ev::SequenceAssigned>();
    if (assigned == nullptr || told.aggregate != student_id + sequence_id) continue;
    version = assigned->sequence_version();
  }
  std::vector<string> activities;
  for (const Told& told : events_) {
    const auto* published = told.As<ev::SequencePublished>();
    if (published == nullptr || told.aggregate != sequence_id) continue;
    if (published->sequence_version() != version) continue;
    for (const auto& activity : published->definition().activities()) {
      activities.push_back(activity.code());
    }
  }
  return activities;
}

string Oracle::OutcomeOf(const string& stay_id, const string& activity, uint64_t until_seq) const {
  string outcome;
  for (const Told& told : events_) {
    if (told.aggregate != stay_id || told.seq > until_seq) continue;
    const auto* completed = told.As<ev::ActivityCompleted>();
    const auto* partly = told.As<ev::ActivityPartlyPerformed>();
    const auto* missed = told.As<ev::ActivityNotPerformed>();
    if (completed != nullptr && completed->activity() == activity) outcome = "COMPLETED";
    if (partly != nullptr && partly->activity() == activity) outcome = "PARTLY";
    if (missed != nullptr && missed->activity() == activity) outcome = "NOT_PERFORMED";
  }
  return outcome;
}

string Oracle::MakeUpState(const string& stay_id, const string& activity,
                           uint32_t* completed_on) const {
  string state;
  for (const Told& told : events_) {
    if (told.aggregate != stay_id + activity) continue;
    if (told.As<ev::MakeUpRequired>() != nullptr) state = "REQUIRED";
    if (told.As<ev::MakeUpPlanned>() != nullptr) state = "PLANNED";
    if (told.As<ev::MakeUpDischarged>() != nullptr) state = "DISCHARGED";
    if (told.As<ev::MakeUpCompleted>() != nullptr) {
      state = "COMPLETED";
      *completed_on = told.occurred_on;
    }
  }
  return state;
}

// E3: what is assigned is in a stay, or in the make-up of one.
void Oracle::UnplacedReasons(const string& student_id, const string& module,
                             std::set<string>* reasons) const {
  for (const Told& assigning : events_) {
    const auto* assigned = assigning.As<ev::SequenceAssigned>();
    if (assigned == nullptr || assigning.subject != student_id) continue;
    bool assigned_again = false;  // by a later version
    for (const Told& told : events_) {
      assigned_again |= told.seq > assigning.seq && told.aggregate == assigning.aggregate &&
                        told.As<ev::SequenceAssigned>() != nullptr;
    }
    if (assigned_again) continue;
    if (assigned->type() != type::v1::SEQUENCE_TYPE_DEVELOPMENT) continue;
    bool binds = false;
    for (const string& target : assigned->modules()) binds = binds || target == module;
    for (const Told& told : events_) {
      const auto* released = told.As<ev::TargetReleased>();
      if (released != nullptr && told.aggregate == assigning.aggregate &&
          released->module() == module) {
        binds = false;
      }
    }
    if (!binds) continue;
    const string sequence_id = assigning.aggregate.substr(8);
    bool any_stay = false;
    std::set<string> placed;
    for (const Told& told : events_) {
      const auto* scheduled = told.As<ev::StayScheduled>();
      if (scheduled == nullptr || told.subject != student_id) continue;
      if (scheduled->sequence_id() != sequence_id) continue;
      any_stay = true;
      for (const auto& activity : scheduled->activities()) placed.insert(activity.activity());
    }
    for (const Told& told : events_) {
      const auto* published = told.As<ev::SequencePublished>();
      if (published == nullptr || told.aggregate != sequence_id) continue;
      if (published->sequence_version() != assigned->sequence_version()) continue;
      std::set<string> objectives;
      for (const auto& objective : published->definition().objectives()) {
        if (objective.module() == module) objectives.insert(objective.code());
      }
      for (const auto& activity : published->definition().activities()) {
        bool touches = false;
        for (const string& code : activity.objectives()) touches |= objectives.contains(code);
        if (!touches || placed.contains(activity.code())) continue;
        reasons->insert(any_stay ? "ACTIVITY_NOT_PLACED " + Hex(sequence_id) + "/" + activity.code()
                                 : "STAY_NOT_SCHEDULED " + Hex(sequence_id));
      }
    }
  }
}

// E4, E5, E7: what each stay still stands in the way with.
void Oracle::StayReasons(const string& student_id, const string& module, uint32_t on,
                         std::set<string>* reasons) const {
  for (const Plan& stay : StaysOn(student_id, module)) {
    uint32_t ended_on = 0;
    const string state = StateOf(stay.stay_id, &ended_on);
    const string subject = Hex(stay.stay_id);
    if (state == "PLANNED") reasons->insert("STAY_NOT_ENDED/NOT_STARTED " + subject);
    if (state == "STARTED") reasons->insert("STAY_NOT_ENDED/NOT_ENDED " + subject);
    if (state != "ENDED") continue;
    if (on < ended_on) reasons->insert("STAY_NOT_ENDED/DATED_BEFORE_END " + subject);
    for (const auto& activity : stay.scheduled->activities()) {
      if (Touches(activity, module) && OutcomeOf(stay.stay_id, activity.activity()).empty()) {
        reasons->insert("ACTIVITY_UNACCOUNTED " + subject + "/" + activity.activity());
      }
    }
    bool reported = false;
    for (const Told& told : events_) {
      const auto* report = told.As<ev::TutorReportSubmitted>();
      reported |= report != nullptr && told.aggregate == stay.stay_id &&
                  report->kind() == type::v1::TUTOR_REPORT_KIND_FINAL;
    }
    if (!reported && Choice("report_gate", "OFF", on) == "ON") {
      reasons->insert("REPORT_OUTSTANDING " + subject);
    }
  }
}

// E6: what was missed is planned and, by policy, done in school.
void Oracle::MakeUpReasons(const string& student_id, const string& module, uint32_t on,
                           std::set<string>* reasons) const {
  for (const Plan& stay : StaysOn(student_id, module)) {
    for (const auto& activity : stay.scheduled->activities()) {
      if (!Touches(activity, module)) continue;
      uint32_t completed_on = 0;
      const string state = MakeUpState(stay.stay_id, activity.activity(), &completed_on);
      const string subject = Hex(stay.stay_id) + "/" + activity.activity();
      if (state == "REQUIRED") reasons->insert("MAKEUP_NOT_PLANNED " + subject);
      if (Choice("makeup_gate", "COMPLETED", on) != "COMPLETED") continue;
      if (state == "PLANNED") reasons->insert("MAKEUP_NOT_COMPLETED " + subject);
      if (state == "COMPLETED" && on < completed_on) {
        reasons->insert("MAKEUP_NOT_COMPLETED/LATER " + subject);
      }
    }
  }
}

std::set<string> Oracle::Reasons(const string& student_id, const string& module,
                                 uint32_t on) const {
  if (!HasModule(student_id, module)) return {"MODULE_NOT_IN_PROGRAMME " + module};
  if (HasSucceeded(student_id, module)) return {"EVALUATED"};
  std::set<string> reasons;
  if (InAlternance(student_id)) UnplacedReasons(student_id, module, &reasons);
  StayReasons(student_id, module, on, &reasons);
  MakeUpReasons(student_id, module, on, &reasons);
  return reasons;
}

std::set<string> Oracle::Accomplished(const string& student_id, const string& module) const {
  std::set<string> accomplished;
  for (const Plan& stay : StaysOn(student_id, module)) {
    for (const auto& activity : stay.scheduled->activities()) {
      const string outcome = OutcomeOf(stay.stay_id, activity.activity());
      if (Touches(activity, module) && (outcome == "COMPLETED" || outcome == "PARTLY")) {
        accomplished.insert(Hex(stay.stay_id) + " " + activity.activity());
      }
    }
  }
  return accomplished;
}

}  // namespace jalon::properties
