// Which function decides a command, and which evolves an event. One line registers one of either:
//
//   void RegisterSchoolCommands(Commands& commands) {
//     commands.Add<school::v1::RegisterSchool>(Decide);
//   }
//   void RegisterSchoolEvents(Events& events) {
//     events.Add<event::v1::SchoolRegistered>(Evolve);
//   }
#pragma once

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "eventstore/base/count.h"
#include "jalon/option/v1/method.pb.h"
#include "services/domain/context.h"
#include "services/domain/decision.h"
#include "services/domain/event.h"
#include "services/domain/event_type.h"
#include "services/domain/state.h"

namespace jalon::domain {

// What holds for a command before it is decided.
struct CommandTraits {
  // Whose act the school may key in: nobody's, or a person's of a company.
  enum class KeyedInFor { kNobody, kCompany } keyed_in_for = KeyedInFor::kNobody;
  bool needs_school = true;  // the school is registered already
};

class Commands {
 public:
  using AnyDecide =
      std::function<Decision(const google::protobuf::Message&, const Context&, State&)>;
  struct Entry {
    AnyDecide decide;
    CommandTraits traits;
  };

  template <typename Command>
  void Add(std::type_identity_t<Decision (*)(const Command&, const Context&, State&)> decide,
           CommandTraits traits = {}) {
    entries_[Command::descriptor()] = {UnlessErased<Command>{decide}, traits};
  }

  const Entry* Find(const google::protobuf::Descriptor* command) const {
    const auto found = entries_.find(command);
    return found == entries_.end() ? nullptr : &found->second;
  }
  size_t size() const { return entries_.size(); }
  // The messages of all commands.
  std::vector<const google::protobuf::Descriptor*> Messages() const {
    std::vector<const google::protobuf::Descriptor*> messages;
    messages.reserve(entries_.size());
    for (const auto& [message, entry] : entries_) messages.push_back(message);
    return messages;
  }

 private:
  template <typename Command>
  struct UnlessErased {
    Decision (*decide)(const Command&, const Context&, State&);

    Decision operator()(const google::protobuf::Message& command, const Context& context,
                        State& state) const {
      return DecideUnlessErased(static_cast<const Command&>(command), context, state, decide);
    }
  };

  std::map<const google::protobuf::Descriptor*, Entry> entries_;
};

// Every command there is, and what the method that carries one says of it.
const Commands& AllCommands();
const option::v1::CommandOption& CommandOptionOf(const google::protobuf::Descriptor& command);

class Events {
 public:
  // Payloads from this size on are parsed into a block; most fit, a longer one takes more blocks.
  static constexpr size_t kEventBlockFrom = 128;
  static constexpr size_t kEventBlockBytes = 2048;

  // False: the payload is no message of that type.
  using AnyEvolve = std::function<bool(const Event&, Rows&)>;

  template <typename Message>
  void Add(std::type_identity_t<void (*)(const Message&, const Event&, Rows&)> evolve) {
    entries_[EventTypeOf(Message::descriptor()).number] = [evolve](const Event& event, Rows& rows) {
      const std::string& payload = event.envelope.payload();
      if (payload.size() < kEventBlockFrom) {
        Message message;
        if (!message.ParseFromString(payload)) return false;
        evolve(message, event, rows);
        return true;
      }
      // A message of many parts lives for this call only: one block for all of them.
      alignas(8) std::array<char, kEventBlockBytes> block;
      google::protobuf::ArenaOptions options;
      options.initial_block = block.data();
      options.initial_block_size = block.size();
      google::protobuf::Arena arena(options);
      auto* message = google::protobuf::Arena::CreateMessage<Message>(&arena);
      if (!message->ParseFromString(payload)) return false;
      evolve(*message, event, rows);
      return true;
    };
  }

  // The same for an event whose payload `evolve` reads in place, where parsing it costs too much.
  // It returns false if the payload is no such message.
  template <typename Message>
  void AddInPlace(bool (*evolve)(std::string_view payload, const Event&, Rows&)) {
    entries_[EventTypeOf(Message::descriptor()).number] = [evolve](const Event& event, Rows& rows) {
      return evolve(event.envelope.payload(), event, rows);
    };
  }

  // Changes the rows as the event says, and counts it in its company's trail, as the view of trails
  // does. False: no event of that type is known, its payload is no message of it, or it is not the
  // next one of its trail.
  bool Evolve(const Event& event, Rows& rows) const {
    const auto found = entries_.find(event.envelope.type());
    if (found == entries_.end() || !found->second(event, rows)) return false;
    if (event.envelope.has_trail()) {
      const log::v1::TrailEntry& leaf = event.envelope.trail();
      return CountNext(leaf.index(), &rows.Edit<TrailState>(leaf.key()).size);
    }
    return true;
  }
  size_t size() const { return entries_.size(); }

 private:
  std::map<uint32_t, AnyEvolve> entries_;
};

// The files of decide/ and evolve/, one line each; application.cc calls them all.
void RegisterAccessCommands(Commands& commands);
void RegisterAdoptProgramme(Commands& commands);
void RegisterAssignSequence(Commands& commands);
void RegisterAttestCompanyResources(Commands& commands);
void RegisterCatalogueCommands(Commands& commands);
void RegisterCloseEnrolment(Commands& commands);
void RegisterCompanyCommands(Commands& commands);
void RegisterDesignSequence(Commands& commands);
void RegisterErasure(Commands& commands);
void RegisterEvaluation(Commands& commands);
void RegisterFeedback(Commands& commands);
void RegisterFollowUp(Commands& commands);
void RegisterOutcomes(Commands& commands);
void RegisterPriorResults(Commands& commands);
void RegisterRectification(Commands& commands);
void RegisterReportResourceGap(Commands& commands);
void RegisterRosterCommands(Commands& commands);
void RegisterScheduleStays(Commands& commands);
void RegisterSchoolCommands(Commands& commands);
void RegisterStay(Commands& commands);
void RegisterStayHours(Commands& commands);
void RegisterSupervision(Commands& commands);
void RegisterTrainingPlan(Commands& commands);

void RegisterAccessEvents(Events& events);
void RegisterCatalogueEvents(Events& events);
void RegisterCompanyEvents(Events& events);
void RegisterCorrectionEvents(Events& events);
void RegisterErasureEvents(Events& events);
void RegisterEvaluationEvents(Events& events);
void RegisterFeedbackEvents(Events& events);
void RegisterFollowUpEvents(Events& events);
void RegisterPlacementEvents(Events& events);
void RegisterRosterEvents(Events& events);
void RegisterSchoolEvents(Events& events);
void RegisterStayEvents(Events& events);
void RegisterTransferEvents(Events& events);

}  // namespace jalon::domain
