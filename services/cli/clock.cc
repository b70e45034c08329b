// jalon clock: the time that a server goes by. Only a data folder born with a virtual clock lets it
// be moved, for demonstrations and tests.
#include <memory>

#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using admin::v1::AdvanceClockRequest;

ExitCode ShowNow(int64_t now, uint32_t today_on, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject(
        {{"now", JsonText(std::to_string(now))}, {"todayOn", std::to_string(today_on)}});
  } else {
    output.out << TimeText(now)
               << output.Say({", {} in Québec", ", {} au Québec"}, DayText(today_on));
  }
  output.out << '\n';
  return ExitCode::kOk;
}

ExitCode Show(Session& session) {
  admin::v1::GetLogStatusResponse status;
  const client::Reply reply = session.Operator().GetLogStatus(&status);
  if (!reply.ok) return ShowFailure(reply, nullptr, session.output());
  return ShowNow(status.now(), status.today_on(), session.output());
}

ExitCode Advance(Session& session, const AdvanceClockRequest& request) {
  admin::v1::AdvanceClockResponse response;
  const client::Reply reply = session.Operator().AdvanceClock(request, &response);
  if (!reply.ok) return ShowFailure(reply, nullptr, session.output());
  return ShowNow(response.now(), response.today_on(), session.output());
}

}  // namespace

Noun ClockNoun() {
  constexpr uint32_t kHoursMax = 10 * 366 * 24;
  constexpr uint64_t kMsPerHour = 3'600'000;
  const auto request = std::make_shared<AdvanceClockRequest>();
  return OnDataFolder(
      {"clock",
       {"the time that the server goes by (operator)",
        "l'heure à laquelle vit le serveur (exploitant)"},
       {{"show", {"Show it", "La montrer"}, {}, Show},
        {"advance",
         {"Move a virtual clock forward", "Avancer une horloge virtuelle"},
         {Day("--to", {"to the morning of that day", "jusqu'au matin de ce jour"},
              [request](uint32_t day) { request->set_to_on(day); }),
          Count("--hours", {"by so many hours", "d'autant d'heures"}, kHoursMax,
                [request](uint32_t hours) { request->set_by_ms(hours * kMsPerHour); })},
         [request](Session& session) { return Advance(session, *request); }}}});
}

}  // namespace jalon::cli
