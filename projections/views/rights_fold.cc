#include "projections/views/rights_fold.h"

#include <algorithm>
#include <utility>

#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::CorrectionRecorded;
using event::v1::PriorResultRecorded;
using event::v1::StatementRecorded;
using event::v1::StudentWithdrawn;
using event::v1::TransferImported;

// Aggregate of an enrolment: student_id ‖ programme code.
std::string ProgrammeOf(const EventView& event) {
  return std::string(event.aggregate.substr(std::min(sizeof(PersonId), event.aggregate.size())));
}

void FoldCorrection(const EventView& event, StudentRow& student) {
  CorrectionFacts correction;
  correction.before = std::move(student.identity);
  correction.corrected = student.identified;
  correction.actor = event.actor;
  correction.recorded = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == CorrectionRecorded::kIdentityFieldNumber) correction.after = field.bytes;
    if (field.id == CorrectionRecorded::kReasonFieldNumber) correction.reason = field.bytes;
  });
  student.identity = correction.after;
  student.identified = correction.recorded;
  student.corrections.push_back(std::move(correction));
}

void FoldStatement(const EventView& event, StudentRow& student) {
  StatementFacts statement;
  statement.actor = event.actor;
  statement.recorded = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case StatementRecorded::kAboutSeqFieldNumber:
        statement.about_seq = field.number;
        break;
      case StatementRecorded::kAboutIndexFieldNumber:
        statement.about_index = field.U32();
        break;
      case StatementRecorded::kStatementFieldNumber:
        statement.statement = field.bytes;
        break;
      case StatementRecorded::kRefusedSinceFieldNumber:
        statement.refused_since = field.bytes;
        break;
      default:
        break;
    }
  });
  student.statements.push_back(std::move(statement));
}

}  // namespace

void FoldPriorResult(const EventView& event, StudentRow& student) {
  PriorResultFacts prior;
  prior.recorded = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case PriorResultRecorded::kModuleFieldNumber:
        prior.module = field.bytes;
        break;
      case PriorResultRecorded::kProgrammeCodeFieldNumber:
        prior.programme_code = field.bytes;
        break;
      case PriorResultRecorded::kOriginFieldNumber:
        prior.origin = EnumOf<type::v1::PriorResultOrigin>(field);
        break;
      case PriorResultRecorded::kResultFieldNumber:
        prior.result = EnumOf<type::v1::EvaluationResult>(field);
        break;
      case PriorResultRecorded::kAttemptsFieldNumber:
        prior.attempts = field.U32();
        break;
      case PriorResultRecorded::kObtainedOnFieldNumber:
        prior.obtained_on = field.U32();
        break;
      case PriorResultRecorded::kDocumentRefFieldNumber:
        prior.document_ref = field.bytes;
        break;
      case PriorResultRecorded::kTransferIdFieldNumber:
        prior.transfer_id = field.bytes;
        break;
      default:
        break;
    }
  });
  std::erase_if(student.prior_results, [&](const PriorResultFacts& former) {
    return former.module == prior.module && former.programme_code == prior.programme_code;
  });
  student.prior_results.push_back(std::move(prior));
}

void FoldTransfer(const EventView& event, StudentRow& student) {
  TransferFacts transfer;
  transfer.programme_code = ProgrammeOf(event);
  transfer.imported = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case TransferImported::kTransferIdFieldNumber:
        transfer.transfer_id = field.bytes;
        break;
      case TransferImported::kIssuerFieldNumber:
        transfer.issuer = field.bytes;
        break;
      case TransferImported::kIssuingSchoolFieldNumber:
        transfer.issuing_school = field.bytes;
        break;
      case TransferImported::kIssuingSchoolNameFieldNumber:
        transfer.issuing_school_name = field.bytes;
        break;
      default:
        break;
    }
  });
  student.transfers.push_back(std::move(transfer));
}

void FoldClosed(const EventView& event, StudentRow& student) {
  auto end = type::v1::ENROLMENT_END_COMPLETED;
  if (event.type == EventBody::kStudentWithdrawn) {
    ForEachField(event.payload, [&](const wire::Field& field) {
      if (field.id == StudentWithdrawn::kEndFieldNumber) {
        end = EnumOf<type::v1::EnrolmentEnd>(field);
      }
    });
  }
  const std::string code = ProgrammeOf(event);
  for (EnrolmentFacts& enrolment : student.enrolments) {
    if (enrolment.programme.code != code) continue;
    enrolment.end = end;
    enrolment.closed = FactOf(event);
  }
}

void FoldRectified(const EventView& event, StudentRow& student) {
  if (event.type == EventBody::kCorrectionRecorded) return FoldCorrection(event, student);
  FoldStatement(event, student);
}

}  // namespace jalon::projections
