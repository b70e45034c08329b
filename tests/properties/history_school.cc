// The moves of a history that are about companies and sequences, and acts that the school keys in.
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "services/domain/local_date.h"
#include "tests/properties/history.h"

namespace jalon::properties {

// What lacks, in activities that the sequence mostly has.
company::v1::Gap History::Gap(const CastSequence& sequence) {
  company::v1::Gap gap;
  gap.set_kind(company::v1::RESOURCE_KIND_MATERIAL);
  gap.add_activities(Chance(0.1) ? "zz" : OneOf(sequence.activities).code);
  gap.set_description("No bench");
  if (Chance(0.3)) *gap.mutable_mitigation() = Mitigation();
  return gap;
}

company::v1::Mitigation History::Mitigation() {
  company::v1::Mitigation mitigation;
  mitigation.set_kind(company::v1::MITIGATION_KIND_LOAN);
  mitigation.set_owner_id(Chance(0.9) ? cast_.maude.person_id : cast_.luc.person_id);
  mitigation.set_due_on(domain::AddDays(cast_.Today(), 7));
  return mitigation;
}

Move History::Attest() {
  const CastSequence& sequence = OneOf(cast_.sequences);
  company::v1::AttestCompanyResources attest;
  attest.set_company_id(cast_.company_id);
  attest.set_sequence_id(sequence.id);
  attest.set_sequence_version(static_cast<uint32_t>(Draw(3)));
  attest.set_human("People");
  if (Chance(0.9)) attest.set_material("Things");
  attest.set_means(company::v1::ATTESTATION_MEANS_CALL);
  attest.set_attested_on(SomeDay());
  if (Chance(0.3)) *attest.add_gaps() = Gap(sequence);
  return By(Chance(0.8) ? cast_.maude : cast_.jean, attest, true);
}

Move History::ReportGap() {
  company::v1::ReportResourceGap report;
  report.set_reported_on(SomeDay());
  if (Chance(0.5)) {
    const CastSequence& sequence = OneOf(cast_.sequences);
    if (!stays_.empty() && Chance(0.6)) {
      const HistoryStay& stay = OneOf(stays_);
      report.set_stay_id(stay.id);
      *report.mutable_report() = Gap(cast_.sequences[stay.sequence]);
    } else {
      report.set_company_id(cast_.company_id);
      report.set_sequence_id(sequence.id);
      *report.mutable_report() = Gap(sequence);
    }
    return By(OneOf<domain::Principal>({cast_.maude, cast_.luc, cast_.sylvie, cast_.students[0]}),
              report, true);
  }
  report.set_company_id(cast_.company_id);
  const auto number = static_cast<uint32_t>(1 + Draw(4));
  if (Chance(0.5)) {
    report.mutable_mitigate()->set_gap_number(number);
    *report.mutable_mitigate()->mutable_mitigation() = Mitigation();
  } else {
    report.mutable_resolve()->set_gap_number(number);
  }
  return By(Chance(0.9) ? cast_.maude : cast_.luc, report, true);
}

// Mostly seats enough.
Move History::DeclareCapacity() {
  company::v1::DeclareHostingCapacity declare;
  declare.set_company_id(cast_.company_id);
  declare.set_from_on(SomeDay());
  declare.set_until_on(domain::AddDays(cast_.Today(), static_cast<int32_t>(Draw(60))));
  declare.set_seats(static_cast<uint32_t>(Chance(0.2) ? Draw(3) : 10));
  declare.set_interested(Chance(0.8));
  if (Chance(0.3)) {
    auto& reach = *declare.add_reach();
    reach.set_programme_code(cast_.programme.code());
    reach.set_module(kModules[Draw(2)]);
  }
  return By(Chance(0.7) ? cast_.sylvie : cast_.jean, declare, true);
}

Move History::Company() {
  switch (Draw(4)) {
    case 0:
      return Attest();
    case 1:
      return DeclareCapacity();
    default:
      return ReportGap();
  }
}

// A step towards a later version of a sequence: opened, its activities defined, published. It has
// all that the version before had, and mostly one activity more.
Move History::Version() {
  const size_t which = Draw(cast_.sequences.size());
  const CastSequence& sequence = cast_.sequences[which];
  // Mostly in turn.
  const size_t step = Chance(0.1) ? Draw(3) : version_steps_[which]++ % 3;
  switch (step) {
    case 0: {
      catalogue::v1::DesignSequence design = sequence.design;
      design.set_sequence_id(sequence.id);
      design.set_title(design.title() + " again");
      return By(cast_.jean, design, true);
    }
    case 1: {
      catalogue::v1::DefineActivities define = sequence.define;
      define.set_sequence_id(sequence.id);
      if (Chance(0.8)) {
        *define.add_activities() = define.activities(0);
        define.mutable_activities()->rbegin()->set_code(sequence.later);
      }
      return By(Chance(0.9) ? cast_.maude : cast_.sylvie, define, true);
    }
    default: {
      catalogue::v1::PublishSequence publish;
      publish.set_sequence_id(sequence.id);
      return By(cast_.maude, publish, true);
    }
  }
}

// What somebody of the company said or signed, keyed in by the school.
Move History::KeyedIn(Move move) {
  auto& act = *move.header.mutable_on_behalf_of();
  act.set_person_id(move.who.person_id);
  act.set_channel(type::v1::CHANNEL_PAPER);
  act.set_document_ref("F-1");
  move.who = cast_.jean;
  return move;
}

}  // namespace jalon::properties
