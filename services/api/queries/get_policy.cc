// GetPolicy: every key with the value that counts on a date, where it comes from and what it does.
#include <fmt/format.h>

#include <string>

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"
#include "services/domain/policy.h"
#include "services/domain/refusals.h"
#include "services/domain/words/policy_words.h"

namespace jalon::api {
namespace {

using catalogue::v1::GetPolicyRequest;
using catalogue::v1::GetPolicyResponse;
using domain::PolicyKind;
using domain::PolicyRow;

std::string AllowedIn(const PolicyRow& row, domain::Language language) {
  const bool french = language == domain::Language::kFrench;
  switch (row.kind) {
    case PolicyKind::kChoice:
      return AllowedValues(row);
    case PolicyKind::kNumber:
      return fmt::format("{} {} {}", row.least, french ? "à" : "to", row.most);
    case PolicyKind::kWords:
      return french ? "1 à 16 mots, sans chiffre" : "1 to 16 words, no digit";
    case PolicyKind::kDates:
      return french ? "des jours, en ordre" : "days, in order";
  }
  return {};
}

Result<void> Answer(const GetPolicyRequest& request, const QueryContext& context,
                    GetPolicyResponse* response) {
  JALON_ASSIGN_OR_RETURN(const domain::SchoolState school, ReadPolicy(context));
  const domain::Policy policy(school, context.OrToday(request.on()));
  response->set_policy_version(policy.Version());
  for (const PolicyRow& row : domain::PolicyTable()) {
    catalogue::v1::PolicyEntry& entry = *response->add_entries();
    *entry.mutable_setting() = policy.Setting(row.key);
    entry.set_allowed(AllowedIn(row, context.language));
    entry.set_citation(std::string(row.citation));
    entry.set_description(std::string(domain::DescriptionOf(row.key, context.language)));
    const domain::FactRef fact = policy.Fact(row.key);
    entry.set_is_default(fact.seq == 0);
    if (fact.seq == 0) continue;
    *entry.mutable_set_by() = domain::ToProto(fact);
    for (const domain::PolicyEntry& set : school.policy) {
      if (set.fact == fact) entry.set_effective_on(set.effective_on);
    }
  }
  return {};
}

}  // namespace

void RegisterGetPolicy(Queries& queries) {
  queries.Add<GetPolicyRequest, GetPolicyResponse>(Answer);
}

}  // namespace jalon::api
