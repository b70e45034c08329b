// Moving between schools: what is brought along, the end of an enrolment, and rectification.
#include <fmt/format.h>

#include "eventstore/base/hash.h"
#include "eventstore/trail/note.h"
#include "jalon/correction/v1/correction_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "services/domain/known_as.h"
#include "services/domain/school_code.h"
#include "tests/scenarios/runner/transfers.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/names.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using person::v1::TransferDocument;
using roster::v1::RecordPriorResult;

constexpr domain::LocalDate kStayFrom = 20260302;
constexpr domain::LocalDate kStayUntil = 20260430;
constexpr uint32_t kMinutes = 600;  // of each activity

type::v1::PriorResultOrigin OriginNamed(const std::string& text) {
  if (text == "recognised") return type::v1::PRIOR_RESULT_ORIGIN_RECOGNITION;
  if (text == "equivalent") return type::v1::PRIOR_RESULT_ORIGIN_EQUIVALENCE;
  if (text == "transferred") return type::v1::PRIOR_RESULT_ORIGIN_TRANSFER;
  if (text == "earlier") return type::v1::PRIOR_RESULT_ORIGIN_BEFORE_GO_LIVE;
  throw StepFailed{fmt::format("a result is recognised, equivalent or earlier, not '{}'", text)};
}

void Record(Step& step) {
  Stage& stage = step.stage();
  RecordPriorResult command;
  command.set_student_id(stage.Id(Named::kPerson, step["student"]));
  command.set_origin(OriginNamed(step["origin"]));
  command.set_document_ref("D-1");
  for (const std::string& module : step.List("modules")) {
    command.add_results()->set_module(module);
  }
  domain::LocalDate obtained_on = kStayUntil;
  for (Line& clause : step.clauses()) {
    if (clause.Is("without document")) command.clear_document_ref();
    if (const auto on = clause.Is("obtained on <date>")) obtained_on = DateNamed((*on)["date"]);
    if (const auto other = clause.Is("in programme <code>")) {
      command.set_programme_code((*other)["code"]);
    }
  }
  for (auto& result : *command.mutable_results()) result.set_obtained_on(obtained_on);
  step.Send(step["who"], command);
}

// The transfer of that name, as the other school issues it.
struct Issuing {
  transfer::Notice notice;
  TransferDocument document;
  std::string file_key;  // the school's, unless it is sealed to another one
  trail::SignerKey signer = IssuerKey();
  bool note_altered = false;
  bool file_altered = false;
  bool unreadable = false;
};

Issuing IssueTo(Step& step, const std::string& name) {
  Stage& stage = step.stage();
  Issuing issuing;
  issuing.notice.transfer_id = Bytes(View(Sha256(name)).substr(0, transfer::kTransferIdBytes));
  issuing.notice.issuing_school = "CFP-ELSEWHERE";
  issuing.notice.receiving_school =
      domain::NormalisedSchoolCode(stage.world().SchoolCode("CFP-NORD"));
  issuing.notice.expires_on = domain::AddDays(stage.Today(), 30);
  TransferDocument& document = issuing.document;
  document.set_format(std::string(transfer::kFormat));
  document.set_transfer_id(ToHex(issuing.notice.transfer_id));
  document.set_issuing_school(issuing.notice.issuing_school);
  document.set_issuing_school_name("CFP d’ailleurs");
  document.set_programme_code("5830");
  document.set_programme_language("en");
  document.set_programme_version("2026");
  return issuing;
}

// Of a name, or of a stay of this school that another one passes on.
std::string KnownAs(const std::string& name) {
  return ToHex(View(Sha256("stay " + name)).substr(0, domain::kKnownAsBytes));
}

// What is told next is of that stay: "stay t1" is the one that t1 told first, "own stay s1" one of
// this school.
bool TakeStay(Line& line, Stage& stage, TransferDocument& document) {
  std::string known_as;
  domain::LocalDate until = kStayUntil;
  if (const auto own = line.Is("own stay <stay>")) {
    known_as = ToHex(domain::KnownAs(stage.school_id(), stage.Id(Named::kStay, (*own)["stay"])));
  } else if (const auto other = line.Is("stay <name> [until <date>]")) {
    known_as = KnownAs((*other)["name"]);
    if (other->Has("date")) until = DateNamed((*other)["date"]);
  } else {
    return false;
  }
  auto& stay = *document.add_stays();
  stay.set_known_as(known_as);
  stay.set_started_on(kStayFrom);
  stay.set_ended_on(until);
  return true;
}

// "result 850-573 success", "did a1 a2 in 850-568", "partly a4 in 850-568", "owes a3 in 850-568".
void TakeTold(Line& line, const std::string& transfer, TransferDocument& document) {
  if (const auto result =
          line.Is("result <module> <result> [after <count> attempts] [on <date>]")) {
    auto& told = *document.add_results();
    told.set_module((*result)["module"]);
    told.set_result((*result)["result"] == "success" ? type::v1::EVALUATION_RESULT_SUCCESS
                                                     : type::v1::EVALUATION_RESULT_FAILURE);
    told.set_attempts(result->Has("count") ? NumberNamed((*result)["count"]) : 1);
    told.set_obtained_on(result->Has("date") ? DateNamed((*result)["date"]) : kStayUntil);
    return;
  }
  const auto add = [&](const Match& match, type::v1::OutcomeKind outcome, bool owed) {
    if (document.stays().empty()) {
      document.add_stays()->set_started_on(kStayFrom);
      document.mutable_stays(0)->set_ended_on(kStayUntil);
      document.mutable_stays(0)->set_known_as(KnownAs(transfer));
    }
    for (const std::string& code : match.List("activities")) {
      auto& activity = *document.mutable_stays(document.stays_size() - 1)->add_activities();
      activity.set_activity(code);
      activity.set_wording("what " + code + " was");
      activity.add_shares()->set_module(match["module"]);
      activity.mutable_shares(0)->set_minutes(kMinutes);
      activity.set_outcome(outcome);
      activity.set_make_up_owed(owed);
    }
  };
  if (const auto did = line.Is("did <activities...> in <module>")) {
    add(*did, type::v1::OUTCOME_KIND_COMPLETED, false);
  } else if (const auto partly = line.Is("partly <activities...> in <module>")) {
    add(*partly, type::v1::OUTCOME_KIND_PARTLY, true);
  } else if (const auto owes = line.Is("owes <activities...> in <module>")) {
    add(*owes, type::v1::OUTCOME_KIND_NOT_PERFORMED, true);
  }
}

// What is wrong with it.
void TakeFault(Line& clause, Issuing& issuing) {
  if (clause.Is("note altered")) issuing.note_altered = true;
  if (clause.Is("file altered")) issuing.file_altered = true;
  if (clause.Is("unreadable")) issuing.unreadable = true;
  if (clause.Is("by an unknown issuer")) issuing.signer = IssuerKey("nobody.example/transfer", 9);
  if (clause.Is("for another school")) issuing.notice.receiving_school = "CFP-OUEST";
  if (clause.Is("as if this school issued it")) {
    issuing.notice.issuing_school = issuing.notice.receiving_school;
    issuing.document.set_issuing_school(issuing.notice.receiving_school);
  }
  if (clause.Is("sealed to another key")) {
    issuing.file_key = transfer::SchoolKeyOf(eventstore::Secret::Random()).public_key;
  }
  if (const auto until = clause.Is("until <date>")) {
    issuing.notice.expires_on = DateNamed((*until)["date"]);
  }
  if (const auto other = clause.Is("of programme <programme>")) {
    const auto programme = ProgrammeNamed((*other)["programme"]);
    issuing.document.set_programme_code(programme.code());
    issuing.document.set_programme_version(programme.version());
  }
}

person::v1::IssuedTransfer Issue(Issuing& issuing) {
  if (issuing.unreadable) issuing.document.set_format("another");
  person::v1::IssuedTransfer issued;
  issued.set_file(transfer::SealDocument(issuing.document, issuing.file_key).value());
  issuing.notice.file_sha256 = Sha256(issued.file());
  const std::string text = transfer::FormatNotice(issuing.notice);
  std::string note =
      trail::FormatNote({.text = text, .lines = {trail::SignText(text, issuing.signer)}});
  if (issuing.note_altered) note[note.find("CFP-ELSEWHERE")] = 'K';
  if (issuing.file_altered) issued.mutable_file()->back() ^= 1;
  issued.set_note(std::move(note));
  return issued;
}

void Import(Step& step) {
  Stage& stage = step.stage();
  Issuing issuing = IssueTo(step, step["transfer"]);
  const Result<Bytes> key = stage.world().TransferKeyOf(stage.Caller("jean", "coordinator"));
  if (!key) throw StepFailed{key.error().message};
  issuing.file_key = *key;
  RecordPriorResult command;
  command.set_student_id(stage.Id(Named::kPerson, step["student"]));
  command.set_origin(type::v1::PRIOR_RESULT_ORIGIN_TRANSFER);
  for (Line& line : step.details()) {
    if (TakeStay(line, stage, issuing.document)) continue;
    TakeTold(line, step["transfer"], issuing.document);
  }
  for (Line& clause : step.clauses()) {
    TakeFault(clause, issuing);
    if (const auto document = clause.Is("document <ref>")) {
      command.set_document_ref((*document)["ref"]);
    }
  }
  *command.mutable_transfer()->mutable_issued() = stage.issued[step["transfer"]] = Issue(issuing);
  step.Send(step["who"], command);
  if (!step.Created(type::v1::AGGREGATE_KIND_STAY).empty()) {
    step.NameCreated(Named::kStay, step["transfer"], type::v1::AGGREGATE_KIND_STAY);
  }
}

// The same file and note, to the byte.
void ImportAgain(Step& step) {
  Stage& stage = step.stage();
  RecordPriorResult command;
  command.set_student_id(stage.Id(Named::kPerson, step["student"]));
  command.set_origin(type::v1::PRIOR_RESULT_ORIGIN_TRANSFER);
  *command.mutable_transfer()->mutable_issued() = stage.issued.at(step["transfer"]);
  step.Send(step["who"], command);
}

void Close(Step& step) {
  roster::v1::CloseEnrolment command;
  command.set_student_id(step.stage().Id(Named::kPerson, step["student"]));
  const std::string end = step["end"];
  command.set_end(end == "completed"     ? type::v1::ENROLMENT_END_COMPLETED
                  : end == "transferred" ? type::v1::ENROLMENT_END_TRANSFERRED
                                         : type::v1::ENROLMENT_END_WITHDRAWN);
  command.set_closed_on(TakeDate(step, 0));
  command.mutable_reason()->mutable_clear()->set_text("moved");
  for (Line& clause : step.clauses()) {
    if (clause.Is("without reason")) command.clear_reason();
    if (const auto other = clause.Is("in programme <code>")) {
      command.set_programme_code((*other)["code"]);
    }
  }
  step.Send(step["who"], command);
}

void Correct(Step& step) {
  correction::v1::RectifyPerson command;
  command.set_person_id(step.stage().Id(Named::kPerson, step["person"]));
  auto& identity = *command.mutable_identity()->mutable_identity()->mutable_clear();
  identity.set_given_name(step["person"]);
  identity.set_family_name("Essai");
  identity.set_external_id("id-" + step["person"]);
  command.mutable_reason()->mutable_clear()->set_text("asked for in writing");
  for (Line& clause : step.clauses()) {
    if (const auto family = clause.Is("family name <name>")) {
      identity.set_family_name((*family)["name"]);
    }
    if (const auto id = clause.Is("external id <id>")) identity.set_external_id((*id)["id"]);
    if (const auto born = clause.Is("born <date>")) {
      identity.set_born_on(DateNamed((*born)["date"]));
    }
    if (clause.Is("with guardian")) identity.mutable_guardian()->set_name("Annabella");
    if (clause.Is("without reason")) command.clear_reason();
    if (clause.Is("saying nothing")) command.clear_correction();
  }
  step.Send(step["who"], command);
}

void State(Step& step) {
  correction::v1::RectifyPerson command;
  command.set_person_id(step.stage().Id(Named::kPerson, step["person"]));
  command.mutable_statement()->set_about_seq(1);
  command.mutable_statement()->mutable_words()->mutable_clear()->set_text("it was not so");
  command.mutable_reason()->mutable_clear()->set_text("two people say otherwise");
  for (Line& clause : step.clauses()) {
    if (clause.Is("of a record to come")) command.mutable_statement()->set_about_seq(1u << 30);
    if (clause.Is("without words")) command.mutable_statement()->clear_words();
  }
  step.Send(step["who"], command);
}

}  // namespace

void AddTransferSteps(StepTable& steps) {
  steps.Given("<who> records <modules...> of <student> as <origin>", Record);
  steps.Given("<who> imports <transfer> for <student>", Import);
  steps.Given("<who> imports <transfer> again for <student>", ImportAgain);
  steps.Given("<who> closes the enrolment of <student> as <end>", Close);
  steps.Given("<who> corrects the identity of <person>", Correct);
  steps.Given("<who> records what <person> says", State);
}

}  // namespace jalon::scenarios
