// What a decide function gives back: the events of an accepted command, or everything that refuses
// it.
//
//   Decision Decide(const EndStay& command, const Context& context, State& state) {
//     const StudentState* student = state.Student(StudentOf(command.stay_id()));
//     ...
//     if (refusals) return Refuse(std::move(refusals));
//     EventList events(context, state);
//     events.Add(Aggregate{...}, ended, {.occurred_on = command.ended_on(), .subject = ...});
//     return events;
//   }
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/check.h"
#include "jalon/command/v1/command.pb.h"
#include "jalon/log/v1/log.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "services/domain/context.h"
#include "services/domain/erased.h"
#include "services/domain/event_type.h"
#include "services/domain/refusals.h"
#include "services/domain/state.h"

namespace jalon::domain {

// What an event is about. `version` is the one before the command: the list counts on from it.
struct Aggregate {
  type::v1::AggregateKind kind = type::v1::AGGREGATE_KIND_UNSPECIFIED;
  Bytes id;
  uint64_t version = 0;
};

// What an event's envelope says beside what follows from the command.
struct About {
  LocalDate occurred_on = 0;  // 0: today
  Bytes subject = {};         // the person it is about, 8 bytes; empty: none
  Bytes company_id = {};      // whose trail a leaf goes to; required for events with a trail
  bool by_system = false;     // a consequence that the system draws; never a leaf
};

// The events of one command, in order, each in its envelope; and what the caller is told.
class EventList {
 public:
  // `context` and `state` must outlive the list.
  EventList(const Context& context, State& state) : context_(&context), state_(&state) {}

  // Appends an event, which is of the registry EventBody.
  template <typename Message>
  void Add(const Aggregate& aggregate, const Message& message, const About& about = {}) {
    static const EventType kType = EventTypeOf(Message::descriptor());
    AddPayload(aggregate, kType, message.SerializeAsString(), about);
  }

  // Something came to exist. `label`: what a caller would call it, never personal.
  void Created(type::v1::AggregateKind kind, const Bytes& id, std::string label = {},
               const Bytes& person_id = {});
  // The command, or the row of a bulk command, is accepted all the same.
  void Warn(Violation violation);
  void Warn(RefusalReason reason) { Warn(Violation{.reason = reason}); }
  void Warn(RefusalReason reason, std::string subject, std::initializer_list<FactRef> facts = {}) {
    Warn(Violation{.reason = reason, .subjects = {std::move(subject)}, .facts = facts});
  }

  const std::vector<std::string>& encoded() const { return encoded_; }
  std::vector<std::string> TakeEncoded() { return std::move(encoded_); }
  // Without position. At most limits::kReplyBytesMax once encoded: what does not fit is left out,
  // citations first.
  std::string Reply(bool dry_run) const;

  // For bulk commands (DecideRows): what is added next belongs to that row.
  void BeginRow(uint32_t row);
  void AcceptRow();
  void RefuseRow(const Refusals& refusals);
  uint32_t row() const { return row_; }
  uint32_t accepted_rows() const { return result_.accepted_rows(); }

 private:
  void AddPayload(const Aggregate& aggregate, const EventType& type, std::string payload,
                  const About& about);

  const Context* context_;
  State* state_;
  std::vector<std::string> encoded_;
  command::v1::CommandResult result_;
  uint32_t row_ = 0;
  bool in_row_ = false;
  std::map<std::pair<int, Bytes>, uint64_t> versions_;  // by aggregate: the last one given
  std::map<Bytes, uint64_t> trail_sizes_;               // by company
  uint32_t leaves_ = 0;                                 // of all of them
};

using Decision = std::expected<EventList, Refusals>;

inline std::unexpected<Refusals> Refuse(Refusals refusals) {
  return std::unexpected(std::move(refusals));
}
template <typename... About>
std::unexpected<Refusals> Refuse(RefusalReason reason, About&&... about) {
  Refusals refusals;
  refusals.Add(reason, std::forward<About>(about)...);
  return std::unexpected(std::move(refusals));
}

// Decides a command, which is refused whatever it says if its student is erased. Whoever may not
// know of the student is told NOT_FOUND all the same.
template <typename Command, typename Decide>
Decision DecideUnlessErased(const Command& command, const Context& context, State& state,
                            Decide decide) {
  const StudentState* erased = ErasedIn(command, state);
  Decision decision = decide(command, context, state);
  if (erased == nullptr || (!decision && decision.error().Has(Reason::NOT_FOUND))) return decision;
  return Refuse(PersonErased(*erased));
}

// Whether a row of a bulk command depends on those before it.
enum class RowsAre {
  kIndependent,  // each is about a thing of its own; the command refuses DUPLICATE_ROW otherwise
  kInTurn,       // each is decided on the state that the accepted rows before it leave
};

// Tells the event list which rows there are, which are refused, and what becomes of the command:
// refused if no row is accepted, or if one is refused and the caller wants all or nothing.
class RowTurns {
 public:
  RowTurns(const Context& context, State& state, RowsAre rows_are)
      : context_(context), state_(state), rows_are_(rows_are), events_(context, state) {}

  EventList& Begin(uint32_t row) {
    events_.BeginRow(row);
    applied_ = events_.encoded().size();
    return events_;
  }
  void End(uint32_t row, const Refusals& refusals);
  Decision Finish() &&;

 private:
  const Context& context_;
  State& state_;
  RowsAre rows_are_;
  EventList events_;
  size_t applied_ = 0;
  Refusals refused_;  // of all rows, each subject under its row
};

// Decides a bulk command row by row:
//
//   return DecideRows(command.rows(), context, state, RowsAre::kIndependent,
//                     [&](const PlanMakeUpRow& row, Refusals& refusals, EventList& events) {
//                       refusals.If(..., Reason::MAKEUP_NOT_OPEN);
//                       if (refusals) return;
//                       events.Add(...);
//                     });
//
// A row that is refused has added nothing: its refusals come before its events.
template <typename RowList, typename DecideRow>
Decision DecideRows(const RowList& rows, const Context& context, State& state, RowsAre rows_are,
                    DecideRow decide_row) {
  RowTurns turns(context, state, rows_are);
  for (int i = 0; i < rows.size(); ++i) {
    const auto number = static_cast<uint32_t>(i);
    Refusals refusals;
    EventList& events = turns.Begin(number);
    if (const StudentState* erased = ErasedIn(rows[i], state)) {
      EventList nothing(context, state);  // what it would have been is not told
      decide_row(rows[i], refusals, nothing);
      if (!refusals.Has(Reason::NOT_FOUND)) refusals = PersonErased(*erased);
    } else {
      decide_row(rows[i], refusals, events);
    }
    turns.End(number, refusals);
  }
  return std::move(turns).Finish();
}

}  // namespace jalon::domain
