#include "projections/views/companies.h"

#include <algorithm>

#include "jalon/company/v1/capacity.pb.h"
#include "projections/engine/row_of.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::CompanyResourcesAttested;
using event::v1::HostCompanyRegistered;
using event::v1::HostingCapacityDeclared;
using event::v1::ResourceGapMitigated;
using event::v1::ResourceGapReported;
using event::v1::ResourceGapResolved;

void FoldRegistered(const EventView& event, CompanyRow& company) {
  company.company_id = CompanyId::Of(event.aggregate);
  company.registered = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == HostCompanyRegistered::kNameFieldNumber) company.name = field.bytes;
    if (field.id == HostCompanyRegistered::kSiteFieldNumber) company.site = field.bytes;
    if (field.id == HostCompanyRegistered::kNeqFieldNumber) company.neq = field.bytes;
  });
}

ReachFacts ReachOf(std::string_view message) {
  ReachFacts reach;
  ForEachField(message, [&](const wire::Field& field) {
    using company::v1::Reach;
    if (field.id == Reach::kProgrammeCodeFieldNumber) reach.programme_code = field.bytes;
    if (field.id == Reach::kModuleFieldNumber) reach.module = field.bytes;
    if (field.id == Reach::kModeFieldNumber) reach.mode = EnumOf<type::v1::DevelopmentMode>(field);
  });
  return reach;
}

void FoldCapacity(const EventView& event, CompanyRow& company) {
  CapacityFacts capacity;
  capacity.declared = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case HostingCapacityDeclared::kFromOnFieldNumber:
        capacity.from_on = field.U32();
        break;
      case HostingCapacityDeclared::kUntilOnFieldNumber:
        capacity.until_on = field.U32();
        break;
      case HostingCapacityDeclared::kSeatsFieldNumber:
        capacity.seats = field.U32();
        break;
      case HostingCapacityDeclared::kReachFieldNumber:
        capacity.reach.push_back(ReachOf(field.bytes));
        break;
      case HostingCapacityDeclared::kInterestedFieldNumber:
        capacity.interested = field.number != 0;
        break;
      default:
        break;
    }
  });
  company.capacities.push_back(std::move(capacity));
}

void FoldAttested(const EventView& event, CompanyRow& company) {
  AttestationFacts attestation;
  attestation.attested = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case CompanyResourcesAttested::kSequenceIdFieldNumber:
        attestation.sequence_id = SequenceId::Of(field.bytes);
        break;
      case CompanyResourcesAttested::kSequenceVersionFieldNumber:
        attestation.sequence_version = field.U32();
        break;
      case CompanyResourcesAttested::kHumanFieldNumber:
        attestation.human = field.bytes;
        break;
      case CompanyResourcesAttested::kMaterialFieldNumber:
        attestation.material = field.bytes;
        break;
      case CompanyResourcesAttested::kMeansFieldNumber:
        attestation.means = EnumOf<company::v1::AttestationMeans>(field);
        break;
      case CompanyResourcesAttested::kValidUntilOnFieldNumber:
        attestation.valid_until_on = field.U32();
        break;
      default:
        break;
    }
  });
  auto& kept = company.attestations;
  std::erase_if(kept, [&](const AttestationFacts& known) { return attestation.Covers(known); });
  if (kept.size() >= kAttestationsKept) {
    kept.erase(std::ranges::min_element(kept, {}, &AttestationFacts::valid_until_on));
  }
  kept.push_back(std::move(attestation));
}

void FoldGap(const EventView& event, CompanyRow& company) {
  GapFacts gap;
  gap.reported = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case ResourceGapReported::kGapNumberFieldNumber:
        gap.gap_number = field.U32();
        break;
      case ResourceGapReported::kSequenceIdFieldNumber:
        gap.sequence_id = SequenceId::Of(field.bytes);
        break;
      case ResourceGapReported::kStayIdFieldNumber:
        gap.stay_id = StayId::Of(field.bytes);
        break;
      case ResourceGapReported::kGapFieldNumber:
        ForEachField(field.bytes, [&](const wire::Field& inner) {
          using company::v1::Gap;
          switch (inner.id) {
            case Gap::kKindFieldNumber:
              gap.kind = EnumOf<company::v1::ResourceKind>(inner);
              break;
            case Gap::kActivitiesFieldNumber:
              gap.activities.emplace_back(inner.bytes);
              break;
            case Gap::kDescriptionFieldNumber:
              gap.description = inner.bytes;
              break;
            case Gap::kMitigationFieldNumber:
              gap.mitigation = inner.bytes;
              gap.mitigated = gap.reported;
              break;
            default:
              break;
          }
        });
        break;
      default:
        break;
    }
  });
  company.open_gaps.push_back(std::move(gap));
}

void FoldMitigated(const EventView& event, CompanyRow& company) {
  uint32_t number = 0;
  std::string_view mitigation;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == ResourceGapMitigated::kGapNumberFieldNumber) number = field.U32();
    if (field.id == ResourceGapMitigated::kMitigationFieldNumber) mitigation = field.bytes;
  });
  const auto gap = std::ranges::find(company.open_gaps, number, &GapFacts::gap_number);
  if (gap == company.open_gaps.end()) return;
  gap->mitigation = mitigation;
  gap->mitigated = FactOf(event);
}

void FoldResolved(const EventView& event, CompanyRow& company) {
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id != ResourceGapResolved::kGapNumberFieldNumber) return;
    std::erase_if(company.open_gaps,
                  [&](const GapFacts& gap) { return gap.gap_number == field.U32(); });
  });
}

class Companies final : public View {
 public:
  std::string_view Name() const override { return kCompanies; }
  uint32_t Version() const override { return kCompaniesVersion; }

  bool Wants(uint32_t type) const override {
    return type >= EventBody::kHostCompanyRegistered && type <= EventBody::kResourceGapResolved;
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    auto& company = EditRow<CompanyRow>(rows, Key(event.tenant).Add(event.aggregate));
    switch (event.type) {
      case EventBody::kHostCompanyRegistered:
        return FoldRegistered(event, company);
      case EventBody::kHostingCapacityDeclared:
        return FoldCapacity(event, company);
      case EventBody::kCompanyResourcesAttested:
        return FoldAttested(event, company);
      case EventBody::kResourceGapReported:
        return FoldGap(event, company);
      case EventBody::kResourceGapMitigated:
        return FoldMitigated(event, company);
      case EventBody::kResourceGapResolved:
        return FoldResolved(event, company);
      default:
        return;
    }
  }

  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<CompanyRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<CompanyRow>(bytes);
  }
};

}  // namespace

std::unique_ptr<const View> MakeCompanies() { return std::make_unique<Companies>(); }

Key CompanyKey(const CompanyId& company_id) { return Key().Add(company_id.View()); }

}  // namespace jalon::projections
