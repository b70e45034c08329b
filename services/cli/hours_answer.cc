// The answer of `jalon student hours` (R3, R4, R8).
#include "eventstore/base/hash.h"
#include "services/cli/answer.h"
#include "services/cli/student_answers.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using progress::v1::HoursLedger;

std::string Some(uint32_t minutes) { return minutes == 0 ? "" : HoursText(minutes); }

void ShowModules(const HoursLedger& ledger, Output& output) {
  Table table({{output.Say({"module", "module"})},
               {output.Say({"allotted", "imparties"}), Align::kRight},
               {output.Say({"planned", "prévues"}), Align::kRight},
               {output.Say({"taken", "imputées"}), Align::kRight},
               {output.Say({"added", "ajoutées"}), Align::kRight},
               {output.Say({"prescribed", "prescrites"}), Align::kRight}});
  for (const auto& module : ledger.modules()) {
    const bool over = module.taken_minutes() > module.allotted_minutes() + module.added_minutes();
    table.Add({module.module(),
               HoursText(module.allotted_minutes()),
               Some(module.planned_minutes()),
               {Some(module.taken_minutes()), over ? Style::kWarning : Style::kPlain},
               Some(module.added_minutes()),
               Some(module.prescribed_minutes())});
  }
  if (!table.empty()) output.out << '\n' << table.Layout(output.width, output.colour_out);
}

void ShowStays(const HoursLedger& ledger, Output& output) {
  Table table({{output.Say({"stay", "séjour"})},
               {output.Say({"day", "jour"})},
               {output.Say({"planned", "prévues"}), Align::kRight},
               {output.Say({"taken", "imputées"}), Align::kRight},
               {output.Say({"added", "ajoutées"}), Align::kRight},
               {output.Say({"logged", "faites"}), Align::kRight},
               {output.Say({"confirmed", "confirmées"}), Align::kRight},
               {output.Say({"events", "événements"}), Align::kLeft, true}});
  for (const auto& stay : ledger.stays()) {
    table.Add({ToHex(stay.stay_id()),
               "",
               Some(stay.planned_minutes()),
               Some(stay.taken_minutes()),
               Some(stay.added_minutes()),
               {Some(stay.logged_minutes()), stay.overrun() ? Style::kWarning : Style::kPlain},
               Some(stay.confirmed_minutes()),
               EventTexts(stay.events())});
    for (const auto& day : stay.days()) {
      table.Add({"", DayText(day.worked_on()), "", "", "", Some(day.logged_minutes()),
                 Some(day.confirmed_minutes()), ""});
    }
  }
  if (!table.empty()) output.out << '\n' << table.Layout(output.width, output.colour_out);
}

}  // namespace

void ShowHours(const progress::v1::GetHoursLedgerResponse& response, Output& output) {
  ShowErased(response.ledger().erased(), output);
  const HoursLedger& ledger = response.ledger();
  Facts facts;
  facts.Add(output.Say({"student", "élève"}), {ToHex(ledger.student_id()), Style::kBold});
  facts.Add(output.Say({"programme", "programme"}), ledger.programme_code());
  facts.Add(output.Say({"allotted", "imparties"}), HoursText(ledger.allotted_minutes()));
  facts.Add(output.Say({"planned", "prévues"}), HoursText(ledger.planned_minutes()));
  facts.Add(output.Say({"  of these prescribed", "  dont prescrites"}),
            HoursText(ledger.prescribed_minutes()));
  facts.Add(output.Say({"  taken of the allotted", "  imputées aux heures imparties"}),
            HoursText(ledger.taken_minutes()));
  facts.Add(output.Say({"added", "ajoutées"}), HoursText(ledger.added_minutes()));
  facts.Add(output.Say({"logged", "faites"}), HoursText(ledger.logged_minutes()));
  output.out << facts.Layout(output.width, output.colour_out);
  ShowModules(ledger, output);
  ShowStays(ledger, output);
  for (const auto& note : ledger.notes()) {
    ShowReason(note, Style::kWarning, output.out, output.colour_out, output);
  }
}

}  // namespace jalon::cli
