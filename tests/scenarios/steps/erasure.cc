// How what is held of a person ends.
#include <fmt/format.h>

#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using privacy::v1::LegalHoldBasis;

LegalHoldBasis BasisNamed(const std::string& text) {
  if (text == "proceeding") return privacy::v1::LEGAL_HOLD_BASIS_PROCEEDING;
  if (text == "access request") return privacy::v1::LEGAL_HOLD_BASIS_ACCESS_REQUEST;
  if (text == "inquiry") return privacy::v1::LEGAL_HOLD_BASIS_INQUIRY;
  if (text == "matter closed") return privacy::v1::LEGAL_HOLD_BASIS_MATTER_CLOSED;
  throw StepFailed{fmt::format("'{}' is no basis of a legal hold", text)};
}

void SetHold(Step& step, bool hold) {
  privacy::v1::SetLegalHold command;
  command.set_person_id(step.stage().Id(Named::kPerson, step["person"]));
  command.set_hold(hold);
  for (Line& clause : step.clauses()) {
    if (const auto basis = clause.Is("for <basis>")) {
      command.set_basis(BasisNamed((*basis)["basis"]));
    }
    if (const auto document = clause.Is("document <ref>")) {
      command.set_document_ref((*document)["ref"]);
    }
  }
  step.Send(step["who"], command);
}

template <typename Command>
void SendAbout(Step& step) {
  Command command;
  command.set_person_id(step.stage().Id(Named::kPerson, step["person"]));
  step.Send(step["who"], command);
}

// What a query about the student says of it.
void MustBeErased(Step& step, bool wanted) {
  Stage& stage = step.stage();
  progress::v1::GetSummativeEligibilityRequest request;
  request.set_student_id(stage.Id(Named::kPerson, step["student"]));
  progress::v1::GetSummativeEligibilityResponse response;
  const Result<Answer> answer =
      stage.world().Query(stage.Caller("jean", "coordinator"), request, &response);
  if (!answer) throw StepFailed{answer.error().message};
  if (!answer->accepted) throw StepFailed{"the query was " + Described(*answer)};
  if (response.has_erased() == wanted) return;
  throw StepFailed{step["student"] + (wanted ? " is not erased" : " is erased")};
}

}  // namespace

void AddErasureSteps(StepTable& steps) {
  steps.Given("<who> holds the data of <person>", [](Step& step) { SetHold(step, true); });
  steps.Given("<who> releases the data of <person>", [](Step& step) { SetHold(step, false); });
  steps.Given("<who> requests the erasure of <person>", SendAbout<privacy::v1::RequestErasure>);
  steps.Given("<who> erases <person>", SendAbout<privacy::v1::DestroyPersonKey>);
  steps.Then("<student> is erased", [](Step& step) { MustBeErased(step, true); });
  steps.Then("<student> is not erased", [](Step& step) { MustBeErased(step, false); });
}

}  // namespace jalon::scenarios
