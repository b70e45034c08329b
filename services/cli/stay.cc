// jalon stay: stays in companies.
#include <algorithm>
#include <memory>

#include "eventstore/base/hash.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/erased_mark.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/student_answers.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using placement::v1::GetStartReadinessRequest;
using placement::v1::GetStartReadinessResponse;
using placement::v1::ListStaysRequest;
using placement::v1::ListStaysResponse;
using placement::v1::StaySummary;
using progress::v1::GetStudentProgressRequest;
using progress::v1::GetStudentProgressResponse;
using progress::v1::StayProgress;

constexpr size_t kStudentBytes = 8;  // the first of a stay's id

void ShowList(const ListStaysResponse& response, Output& output) {
  Table table({{output.Say({"stay", "séjour"})},
               {output.Say({"state", "état"})},
               {output.Say({"from", "du"})},
               {output.Say({"until", "au"})},
               {output.Say({"sequence", "séquence"})},
               {output.Say({"company", "entreprise"}), Align::kLeft, true},
               {output.Say({"planned", "prévu"}), Align::kRight},
               {output.Say({"logged", "fait"}), Align::kRight},
               {output.Say({"activities", "activités"}), Align::kRight},
               {output.Say({"open", "ouvertes"}), Align::kRight}});
  for (const StaySummary& stay : response.stays()) {
    table.Add({ToHex(stay.stay_id()) + ErasedMark(stay.has_erased(), output),
               NameIn(output.language, stay.state()), DayText(stay.starts_on()),
               DayText(stay.ends_on()), stay.sequence_code(), stay.company_name(),
               HoursText(stay.planned_minutes()), HoursText(stay.logged_minutes()),
               std::to_string(stay.activity_count()), std::to_string(stay.unaccounted_count())});
  }
  Show(table, {"No such stay.", "Aucun séjour de ce genre."}, output);
  if (!response.page().next_page_token().empty()) {
    output.err << output.Say(
        {"There are more: narrow the filters.\n", "Il y en a d'autres : resserrez les filtres.\n"});
  }
}

void ShowReadiness(const GetStartReadinessResponse& response, Output& output) {
  for (const auto& readiness : response.stays()) {
    const StaySummary& stay = readiness.stay();
    output.out << Paint(Style::kBold, ToHex(stay.stay_id()), output.colour_out)
               << ErasedMark(stay.has_erased(), output) << "  " << DayText(stay.starts_on()) << "  "
               << stay.sequence_code() << "  " << Printable(stay.company_name()) << ": "
               << (readiness.ready()
                       ? Paint(Style::kGood, output.Say({"ready", "prêt"}), output.colour_out)
                       : Paint(Style::kBad, output.Say({"not ready", "pas prêt"}),
                               output.colour_out))
               << '\n';
    for (const auto& refusal : readiness.refusals()) {
      ShowReason(refusal, Style::kBad, output.out, output.colour_out, output);
    }
    if (!readiness.warnings().empty()) {
      output.out << output.Say(
          {"  To be noted, and no obstacle:\n", "  À noter, sans faire obstacle :\n"});
    }
    for (const auto& warning : readiness.warnings()) {
      ShowReason(warning, Style::kWarning, output.out, output.colour_out, output);
    }
  }
  if (response.stays().empty()) {
    output.out << output.Say({"No such stay.\n", "Aucun séjour de ce genre.\n"});
  }
}

// The stay with its activities as its student's progress tells them.
ExitCode ShowOne(Session& session, const std::string& stay_id) {
  Output& output = session.output();
  GetStudentProgressRequest request;
  request.set_student_id(stay_id.substr(0, kStudentBytes));
  GetStudentProgressResponse response;
  const Result<client::Reply> reply = session.Ask(&request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  const auto& stays = response.progress().stays();
  const auto found = std::ranges::find_if(
      stays, [&](const StayProgress& stay) { return stay.stay().stay_id() == stay_id; });
  if (found == stays.end()) {
    return ShowFailure(Error{Code::kNotFound, "NOT_FOUND", "no such stay: " + ToHex(stay_id), {}},
                       output);
  }
  if (output.IsJson()) {
    output.out << ToJson(*found, true) << '\n';
    return ExitCode::kOk;
  }
  ShowErased(response.progress().erased(), output);
  ShowStayProgress(*found, output);
  ShowAsOf(response.as_of(), output);
  return ExitCode::kOk;
}

Verb List() {
  const auto request = std::make_shared<ListStaysRequest>();
  Field state = Choice(
      "--state", {"in this state", "dans cet état"}, type::v1::StayState_descriptor(),
      [request](int value) { request->add_states(static_cast<type::v1::StayState>(value)); });
  state.many = true;
  return {
      "list",
      {"List stays; each filter that is given must hold. The first 16 digits of a stay name its "
       "student",
       "Lister des séjours; chaque filtre donné doit tenir. Les 16 premiers chiffres d'un séjour "
       "nomment son élève"},
      {state,
       Id("--student", {"of this student", "de cet élève"}, request->mutable_student_id(), 8),
       Id("--company", {"in this company", "dans cette entreprise"}, request->mutable_company_id(),
          8),
       Id("--cohort", {"of this cohort", "de cette cohorte"}, request->mutable_cohort_id(), 8),
       Id("--sequence", {"of this sequence", "de cette séquence"}, request->mutable_sequence_id(),
          8),
       Day("--from", {"with some day on or after this one", "avec un jour à cette date ou après"},
           [request](uint32_t day) { request->set_from_on(day); }),
       Day("--until", {"with some day on or before this one", "avec un jour à cette date ou avant"},
           [request](uint32_t day) { request->set_until_on(day); })},
      [request](Session& session) {
        return AskAndShow<ListStaysResponse>(session, request.get(), ShowList);
      }};
}

Verb Readiness() {
  const auto request = std::make_shared<GetStartReadinessRequest>();
  return {"readiness",
          {"Say what would refuse the start of a stay, or of a cohort's",
           "Dire ce qui refuserait le début d'un séjour, ou de ceux d'une cohorte"},
          {Id("STAY", {"the stay", "le séjour"}, request->mutable_stay_id(), 16),
           Id("--cohort",
              {"all stays of a cohort that have not started",
               "tous les séjours d'une cohorte qui n'ont pas commencé"},
              request->mutable_cohort_id(), 8),
           Day("--on", {"the day of the start; else today", "le jour du début; sinon aujourd'hui"},
               [request](uint32_t day) { request->set_on(day); })},
          [request](Session& session) {
            return AskAndShow<GetStartReadinessResponse>(session, request.get(), ShowReadiness);
          }};
}

}  // namespace

Noun StayNoun() {
  const auto stay_id = std::make_shared<std::string>();
  return {"stay",
          {"stays in companies", "les séjours en entreprise"},
          {List(),
           {"show",
            {"Show a stay: its activities, what became of each, estimates and reports",
             "Montrer un séjour : ses activités, ce qu'il en est advenu, estimations et rapports"},
            {Id("STAY", {"the stay", "le séjour"}, stay_id.get(), 16).Required()},
            [stay_id](Session& session) { return ShowOne(session, *stay_id); }},
           Readiness()}};
}

}  // namespace jalon::cli
