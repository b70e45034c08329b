// jalon student: where a student stands.
#include <memory>

#include "eventstore/base/hash.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/student_answers.h"
#include "services/cli/transfer.h"

namespace jalon::cli {
namespace {

using progress::v1::GetAttitudeTimelineRequest;
using progress::v1::GetAttitudeTimelineResponse;
using progress::v1::GetHoursLedgerRequest;
using progress::v1::GetHoursLedgerResponse;
using progress::v1::GetStudentProgressRequest;
using progress::v1::GetStudentProgressResponse;
using progress::v1::GetSummativeEligibilityRequest;
using progress::v1::GetSummativeEligibilityResponse;

Field Student(std::string* into) {
  return Id("STUDENT", {"the student's id", "l'identifiant de l'élève"}, into, 8).Required();
}

Field Programme(std::string* into) {
  return Text("--programme", "CODE",
              {"the programme; needed where the student has several",
               "le programme; nécessaire si l'élève en a plusieurs"},
              into);
}

Verb Progress() {
  const auto request = std::make_shared<GetStudentProgressRequest>();
  return {"progress",
          {"Show what was planned, done, made up and evaluated, module by module",
           "Montrer ce qui est prévu, fait, repris et évalué, module par module"},
          {Student(request->mutable_student_id()), Programme(request->mutable_programme_code()),
           Flag("--open",
                {"also open what is sealed: names, words; it is entered in the access log",
                 "ouvrir aussi ce qui est scellé : noms, propos; c'est inscrit au registre des "
                 "accès"},
                [request] { request->set_open_sealed(true); })},
          [request](Session& session) {
            return AskAndShow<GetStudentProgressResponse>(session, request.get(), ShowProgress);
          }};
}

Verb Eligibility() {
  const auto request = std::make_shared<GetSummativeEligibilityRequest>();
  return {"eligibility",
          {"Say whether the student may be summatively evaluated, with every reason",
           "Dire si l'élève peut passer l'évaluation sommative, avec tous les motifs"},
          {Student(request->mutable_student_id()),
           Text("--module", "CODE", {"one module; else all", "un module; sinon tous"},
                request->mutable_module()),
           Programme(request->mutable_programme_code()),
           Day("--on",
               {"the day of the first sitting; else today",
                "le jour de la première séance; sinon aujourd'hui"},
               [request](uint32_t day) { request->set_on(day); })},
          [request](Session& session) {
            const bool all = request->module().empty();
            return AskAndShow<GetSummativeEligibilityResponse>(
                session, request.get(),
                [all](const GetSummativeEligibilityResponse& response, Output& output) {
                  ShowEligibility(response, all, output);
                });
          }};
}

Verb Hours() {
  const auto request = std::make_shared<GetHoursLedgerRequest>();
  return {"hours",
          {"Show hours allotted, planned, logged and added",
           "Montrer les heures imparties, prévues, faites et ajoutées"},
          {Student(request->mutable_student_id()), Programme(request->mutable_programme_code()),
           Flag("--days", {"also day by day", "aussi jour par jour"},
                [request] { request->set_with_days(true); })},
          [request](Session& session) {
            return AskAndShow<GetHoursLedgerResponse>(session, request.get(), ShowHours);
          }};
}

Verb Attitudes() {
  const auto request = std::make_shared<GetAttitudeTimelineRequest>();
  return {
      "attitudes",
      {"Show attitudes observed, and what the school made of them",
       "Montrer les attitudes observées et leur suivi à l'école"},
      {Student(request->mutable_student_id()),
       Flag("--open-only",
            {"only those that no follow-up closed", "seulement celles qu'aucun suivi n'a closes"},
            [request] { request->set_open_only(true); })},
      [request](Session& session) {
        return AskAndShow<GetAttitudeTimelineResponse>(session, request.get(), ShowAttitudes);
      }};
}

}  // namespace

Noun StudentNoun() {
  return {
      "student",
      {"where a student stands, and why", "où en est un élève, et pourquoi"},
      {Progress(), Eligibility(), Hours(), Attitudes(), PriorResultVerb(), CloseEnrolmentVerb()}};
}

}  // namespace jalon::cli
