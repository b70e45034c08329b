// How answers read: what was accepted, and what was refused with its rule, words and remedy.
#pragma once

#include <span>
#include <string>

#include "jalon/command/v1/command.pb.h"
#include "jalon/refusal/v1/refusal.pb.h"
#include "jalon/type/v1/vector_as_of.pb.h"
#include "services/cli/json.h"
#include "services/cli/output.h"
#include "services/cli/session.h"

namespace jalon::cli {

// One reason with its rule, words, what it concerns, remedy, who can act, and the events cited.
// `style` is that of its name.
void ShowReason(const refusal::v1::Refusal& reason, Style style, std::ostream& to, bool colour,
                const Output& output);

// Who can act, and by which command:
// "teacher, work-study coordinator: CompleteMakeUp; work-study coordinator: SetPolicy".
std::string WhoText(const google::protobuf::RepeatedField<int>& who,
                    const google::protobuf::RepeatedPtrField<refusal::v1::Clearing>& clearing,
                    Language language);

// "#45.0 StayEnded 2026-10-02": a record's number in the school's partition, and the event in it.
std::string EventText(const type::v1::EventRef& event);
std::string EventTexts(const google::protobuf::RepeatedPtrField<type::v1::EventRef>& events);

// A failed call: its reasons on `err` or, for programs, one object on `out`. What to exit with.
// `header` is that of a command: without an answer, nobody knows what became of it.
ExitCode ShowFailure(const client::Reply& reply, const type::v1::CommandHeader* header,
                     Output& output);
// A failure on this side, before anything was sent.
ExitCode ShowFailure(const Error& error, Output& output);

// Sends the command, shows what became of it and what to exit with. Refused rows of a bulk command
// are shown one by one, and exit kRefused even where others were accepted.
ExitCode SendAndShow(Session& session, const google::protobuf::Message& command,
                     type::v1::CommandHeader header);
// The same once it was sent with `header`. Receipts are kept in the folder, if there is one.
ExitCode ShowCommand(const client::Reply& reply, const type::v1::CommandHeader& header,
                     const std::string& receipts_folder, Output& output);

// --request-id, --dry-run: the options of each command.
std::vector<Field> HeaderFields(type::v1::CommandHeader* header);

// "as of record 45 of partition 12, 2026-10-02 14:02:11Z".
void ShowAsOf(const type::v1::AsOf& as_of, Output& output);
// "as of 4,512 records in 64 partitions".
void ShowAsOf(const type::v1::VectorAsOf& as_of, Output& output);

// Asks, and shows the answer: as JSON, or by `show` and how current it is.
template <typename Response, typename Shower>
ExitCode AskAndShow(Session& session, google::protobuf::Message* request, const Shower& show) {
  Response response;
  Output& output = session.output();
  const Result<client::Reply> reply = session.Ask(request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  if (output.IsJson()) {
    output.out << ToJson(response, true) << '\n';
    return ExitCode::kOk;
  }
  show(response, output);
  ShowAsOf(response.as_of(), output);
  return ExitCode::kOk;
}

}  // namespace jalon::cli
