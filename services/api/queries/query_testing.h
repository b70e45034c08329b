// What a test of one query needs: rows, keys, a caller, and one call that asks.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "services/api/queries/access.h"
#include "services/api/queries/reader_testing.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/school_testing.h"
#include "services/api/queries/vault_testing.h"
#include "services/domain/reasons.h"

namespace jalon::api {

// Reasons with their causes, in order: "STAY_NOT_ENDED/NOT_STARTED MAKEUP_NOT_PLANNED".
inline std::string Names(const auto& refusals) {
  std::string names;
  for (const auto& refusal : refusals) {
    if (!names.empty()) names += " ";
    names += domain::ReasonName(refusal.reason());
    if (!refusal.cause().empty()) names += "/" + refusal.cause();
  }
  return names;
}

class QueryTest : public testing::Test {
 protected:
  QueryTest() { ActAs(type::v1::ROLE_WORK_STUDY_COORDINATOR); }

  void ActAs(type::v1::Role role, Bytes person_id = kMaude, Bytes company_id = {}) {
    caller_.role = role;
    caller_.school_id = kTestSchool;
    caller_.person_id = std::move(person_id);
    caller_.company_id = std::move(company_id);
  }

  template <typename Response, typename Request>
  Result<Response> Ask(const Request& request) {
    const QueryMethod* method = queries_.FindByRequest(Request::descriptor());
    if (method == nullptr || method->SpansSchools())
      return Fail(Code::kUnimplemented, "UNSUPPORTED", "no such query");
    Response response;
    const TestReader rows = school_.Read();
    JALON_ASSIGN_OR_RETURN(const domain::Scope scope, ScopeOf(caller_, &rows, today_));
    const QueryContext context{.principal = caller_,
                               .scope = scope,
                               .school_id = kTestSchool,
                               .language = language_,
                               .today = today_,
                               .reader = method->option->open_to_all() ? nullptr : &rows,
                               .opener = opener_,
                               .pages = tokens_,
                               .definitions = definitions_,
                               .trails = trails_,
                               .events = &events_,
                               .access = access_,
                               .transfers = &transfers_};
    JALON_RETURN_IF_ERROR(method->answer(request, context, &response));
    return response;
  }
  // The reason of the error; empty: it is answered.
  template <typename Response, typename Request>
  std::string ReasonOf(const Request& request) {
    const auto answer = Ask<Response>(request);
    return answer ? "" : answer.error().reason;
  }

  const Queries queries_ = AllQueries();
  domain::Principal caller_;
  domain::Language language_ = domain::Language::kEnglish;
  domain::LocalDate today_ = 20261123;
  TestSchool school_;
  TestVault vault_;
  Opener opener_{vault_};
  ManualClock clock_{std::chrono::days(20'000)};  // of page tokens only
  PageTokens tokens_{vault_, clock_};
  Definitions definitions_;
  eventstore::Signer signer_{eventstore::SigningKey(trail::Seed{1, 2, 3}),
                             std::make_unique<eventstore::TransientSignerMemory>()};
  const ReadEventAt events_ = [this](Partition, const projections::EventPlace& place,
                                     const auto& visit) { return school_.Visit(place, visit); };
  const access::AccessLog* access_ = nullptr;  // a test's own
  TrailNames trails_{.deployment = Bytes(16, 'D'), .signer = &signer_};
  const transfer::Desk transfers_{
      {.vault = vault_, .signer = &signer_, .deployment = Bytes(16, 'D'), .issuers = {}}};
};

}  // namespace jalon::api
