#include "services/domain/checks.h"

#include <algorithm>

#include "eventstore/base/hash.h"
#include "services/domain/policy.h"

namespace jalon::domain {

void CheckFactDate(const Context& context, const SchoolState& school, LocalDate date,
                   std::string_view subject, Refusals& refusals) {
  refusals.If(date > context.today(), Reason::DATE_IN_FUTURE, std::string(subject));
  const Policy policy(school, context.today());
  const auto window = static_cast<int32_t>(policy.Number(PolicyKey::kBackdatingDays));
  const bool too_far = date < AddDays(context.today(), -window);
  const bool excused = context.IsCoordinator() && context.header().backdating_ground() !=
                                                      type::v1::BACKDATING_GROUND_UNSPECIFIED;
  if (too_far && !excused) {
    refusals.Add(Reason::BACKDATED_TOO_FAR, std::string(subject),
                 {policy.Fact(PolicyKey::kBackdatingDays)});
  }
}

void CheckVersion(const Context& context, uint64_t version, FactRef last, Refusals& refusals) {
  const type::v1::CommandHeader& header = context.header();
  if (!header.has_expected_version() || header.expected_version() == version) return;
  refusals.Add(Reason::VERSION_CONFLICT, std::to_string(version), {last});
}

bool MaySpeakOf(const Context& context, std::string_view company_id) {
  return !context.principal().IsCompany() || context.principal().company_id == company_id;
}

void CheckOnBehalfOfCompany(const Context& context, State& state, const Bytes& company_id,
                            LocalDate date, bool required, Refusals& refusals) {
  if (!context.IsTranscribed()) {
    refusals.If(required && !context.principal().IsCompany(), Reason::ON_BEHALF_OF_REQUIRED);
    return;
  }
  const type::v1::OnBehalfOf& other = context.header().on_behalf_of();
  const PersonState* person = state.Person(other.person_id());
  const bool acts =
      person != nullptr && (person->ActsFor(company_id, type::v1::ROLE_WORKPLACE_TUTOR, date) ||
                            person->ActsFor(company_id, type::v1::ROLE_COMPANY_SIGNATORY, date));
  const bool needs_document =
      other.channel() == type::v1::CHANNEL_PAPER || other.channel() == type::v1::CHANNEL_MESSAGE;
  const type::v1::Role role = context.principal().role;
  const bool is_school =
      role == type::v1::ROLE_WORK_STUDY_COORDINATOR || role == type::v1::ROLE_TEACHER;
  refusals.Unless(acts && is_school, Reason::ON_BEHALF_OF_INVALID, ToHex(other.person_id()));
  refusals.If(other.channel() == type::v1::CHANNEL_UNSPECIFIED, Reason::FIELD_REQUIRED,
              "header.on_behalf_of.channel");
  refusals.If(needs_document && other.document_ref().empty(), Reason::FIELD_REQUIRED,
              "header.on_behalf_of.document_ref");
}

}  // namespace jalon::domain
