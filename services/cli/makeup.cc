// jalon makeup: what the school makes up for activities that a stay did not allow (R14).
#include <memory>

#include "eventstore/base/hash.h"
#include "jalon/duty/v1/duty_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/erased_mark.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using duty::v1::ListMakeUpsRequest;
using duty::v1::ListMakeUpsResponse;
using duty::v1::MakeUpRow;

std::string StateText(const MakeUpRow& row, const Output& output) {
  const std::string why = NameIn(output.language, row.discharge());
  return NameIn(output.language, row.state()) + (why.empty() ? "" : ": ") + why;
}

void ShowList(const ListMakeUpsResponse& response, Output& output) {
  Table table({{output.Say({"stay", "séjour"})},
               {output.Say({"activity", "activité"})},
               {output.Say({"modules", "modules"}), Align::kLeft, true},
               {output.Say({"state", "état"})},
               {output.Say({"in the stay", "au séjour"})},
               {output.Say({"cause", "cause"})},
               {output.Say({"days", "jours"}), Align::kRight},
               {output.Say({"due", "échéance"})},
               {output.Say({"owner", "responsable"})},
               {output.Say({"event", "événement"})}});
  const std::string school = output.Say({"the school", "l'école"});
  for (const MakeUpRow& row : response.make_ups()) {
    table.Add({ToHex(row.stay_id()) + ErasedMark(row.has_erased(), output),
               row.activity(),
               Join(row.modules()),
               StateText(row, output),
               NameIn(output.language, row.outcome()),
               NameIn(output.language, row.cause()),
               std::to_string(row.age_days()),
               {DayText(row.due_on()), row.overdue() ? Style::kBad : Style::kPlain},
               row.owner_id().empty() ? school : ToHex(row.owner_id()),
               EventText(row.latest())});
  }
  Show(table, {"Nothing to make up.", "Rien à reprendre."}, output);
}

}  // namespace

Noun MakeUpNoun() {
  const auto request = std::make_shared<ListMakeUpsRequest>();
  Field state = Choice("--state",
                       {"in this state; else what is owed, planned or not",
                        "dans cet état; sinon ce qui est dû, prévu ou non"},
                       type::v1::MakeUpState_descriptor(), [request](int value) {
                         request->add_states(static_cast<type::v1::MakeUpState>(value));
                       });
  state.many = true;
  return {"makeup",
          {"what the school makes up for", "les reprises en milieu scolaire"},
          {{"list",
            {"List make-ups: those not planned first, then by due date",
             "Lister les reprises : d'abord les non prévues, puis par échéance"},
            {state,
             Id("--student", {"of this student", "de cet élève"}, request->mutable_student_id(), 8),
             Id("--owner", {"of this owner", "de ce responsable"}, request->mutable_owner_id(), 8),
             Text("--module", "CODE", {"touching this module", "touchant ce module"},
                  request->mutable_module()),
             Day("--due-until", {"due on or before this day", "dues à cette date ou avant"},
                 [request](uint32_t day) { request->set_due_until_on(day); })},
            [request](Session& session) {
              return AskAndShow<ListMakeUpsResponse>(session, request.get(), ShowList);
            }}}};
}

}  // namespace jalon::cli
