// jalon clock: the time that a server goes by. Only a data folder born with a virtual clock lets it
// be moved, for demonstrations and tests.
#include <memory>

#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/operator.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

struct Wish {
  std::string data;
  admin::v1::AdvanceClockRequest request;
};

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

ExitCode Show(Session& session, const Wish& wish) {
  admin::v1::GetLogStatusResponse status;
  const client::Reply reply = Operator(wish.data, session.output()).GetLogStatus(&status);
  if (!reply.ok) return ShowFailure(reply, nullptr, session.output());
  return ShowNow(status.now(), status.today_on(), session.output());
}

ExitCode Advance(Session& session, const Wish& wish) {
  admin::v1::AdvanceClockResponse response;
  const client::Reply reply =
      Operator(wish.data, session.output()).AdvanceClock(wish.request, &response);
  if (!reply.ok) return ShowFailure(reply, nullptr, session.output());
  return ShowNow(response.now(), response.today_on(), session.output());
}

}  // namespace

Noun ClockNoun() {
  constexpr uint32_t kHoursMax = 10 * 366 * 24;
  constexpr uint64_t kMsPerHour = 3'600'000;
  const auto wish = std::make_shared<Wish>();
  return {"clock",
          {"the time that the server goes by (operator)",
           "l'heure à laquelle vit le serveur (exploitant)"},
          {{"show",
            {"Show it", "La montrer"},
            {DataField(&wish->data)},
            [wish](Session& session) { return Show(session, *wish); }},
           {"advance",
            {"Move a virtual clock forward", "Avancer une horloge virtuelle"},
            {Day("--to", {"to the morning of that day", "jusqu'au matin de ce jour"},
                 [wish](uint32_t day) { wish->request.set_to_on(day); }),
             Count("--hours", {"by so many hours", "d'autant d'heures"}, kHoursMax,
                   [wish](uint32_t hours) { wish->request.set_by_ms(hours * kMsPerHour); }),
             DataField(&wish->data)},
            [wish](Session& session) { return Advance(session, *wish); }}}};
}

}  // namespace jalon::cli
