#include "projections/views/grants.h"

#include "projections/engine/row_of.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::AccessGranted;
using event::v1::AccessRevoked;
using school::v1::AccessScope;

void FoldScope(std::string_view scope, GrantFacts& grant) {
  ForEachField(scope, [&](const wire::Field& field) {
    switch (field.id) {
      case AccessScope::kWholeSchoolFieldNumber:
        grant.whole_school = field.number != 0;
        break;
      case AccessScope::kCompanyIdFieldNumber:
        grant.company_id = CompanyId::Of(field.bytes);
        break;
      case AccessScope::kStudentIdsFieldNumber:
        grant.student_ids.push_back(PersonId::Of(field.bytes));
        break;
      case AccessScope::kProgrammeCodesFieldNumber:
        grant.programme_codes.emplace_back(field.bytes);
        break;
      case AccessScope::kModuleCodesFieldNumber:
        grant.module_codes.emplace_back(field.bytes);
        break;
      default:
        break;
    }
  });
}

class Grants final : public View {
 public:
  std::string_view Name() const override { return kGrants; }
  uint32_t Version() const override { return kGrantsVersion; }

  bool Wants(uint32_t type) const override {
    return type == EventBody::kAccessGranted || type == EventBody::kAccessRevoked;
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (event.type == EventBody::kAccessRevoked) return Revoke(event, rows);
    GrantFacts grant;
    grant.grant_id = Id<8>::Of(event.aggregate);
    grant.granted = FactOf(event);
    PersonId person_id;
    ForEachField(event.payload, [&](const wire::Field& field) {
      switch (field.id) {
        case AccessGranted::kPersonIdFieldNumber:
          person_id = PersonId::Of(field.bytes);
          break;
        case AccessGranted::kRoleFieldNumber:
          grant.role = EnumOf<type::v1::Role>(field);
          break;
        case AccessGranted::kScopeFieldNumber:
          FoldScope(field.bytes, grant);
          break;
        case AccessGranted::kExpiresOnFieldNumber:
          grant.expires_on = field.U32();
          break;
        default:
          break;
      }
    });
    EditRow<GrantsRow>(rows, Key(event.tenant).Add(person_id.View()))
        .grants.push_back(std::move(grant));
  }

  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<GrantsRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<GrantsRow>(bytes);
  }

 private:
  static void Revoke(const EventView& event, ViewRows& rows) {
    PersonId person_id;
    ForEachField(event.payload, [&](const wire::Field& field) {
      if (field.id == AccessRevoked::kPersonIdFieldNumber) person_id = PersonId::Of(field.bytes);
    });
    const auto grant_id = Id<8>::Of(event.aggregate);
    for (GrantFacts& grant :
         EditRow<GrantsRow>(rows, Key(event.tenant).Add(person_id.View())).grants) {
      if (grant.grant_id == grant_id) grant.revoked = FactOf(event);
    }
  }
};

}  // namespace

std::unique_ptr<const View> MakeGrants() { return std::make_unique<Grants>(); }

Key GrantsKey(const PersonId& person_id) { return Key().Add(person_id.View()); }

PersonId PersonOfGrants(std::string_view key) { return PersonId::Of(key); }

}  // namespace jalon::projections
