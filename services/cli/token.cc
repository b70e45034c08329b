// jalon token: who a caller is. Works on a data folder, and asks no server.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "eventstore/base/hash.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/role_field.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/token/signer.h"
#include "services/token/verifier.h"

namespace jalon::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kHoursDefault = 12;  // a day of work
constexpr uint32_t kHoursMax = 366 * 24;

struct Wish {
  std::string token;
  domain::Principal who;
  uint32_t hours = kHoursDefault;
  google::protobuf::RepeatedPtrField<std::string> modules;
};

// What a token of that role must say and this wish does not; empty: nothing. The server would find
// such a token not to count, and say no more.
std::string WhatIsMissing(const domain::Principal& who, const Output& output) {
  const bool spans = who.role == type::v1::ROLE_REGION_COORDINATOR ||
                     who.role == type::v1::ROLE_AUDITOR || who.role == type::v1::ROLE_ANALYST;
  if (!spans && who.school_id.empty()) {
    return output.Say({"this role is one of a school: name it with --school",
                       "ce rôle est celui d'une école : nommez-la avec --school"});
  }
  if (who.IsCompany() == who.company_id.empty()) {
    return who.IsCompany() ? output.Say({"a company role needs --company",
                                         "un rôle d'entreprise demande --company"})
                           : output.Say({"only a company role has --company",
                                         "seul un rôle d'entreprise a --company"});
  }
  if (who.person_id.empty() && who.role != type::v1::ROLE_REGION_COORDINATOR) {
    return output.Say({"this role needs --person: `jalon access grant` answers the id",
                       "ce rôle demande --person : `jalon access grant` en donne l'identifiant"});
  }
  return {};
}

ExitCode Issue(Session& session, Wish& wish) {
  Output& output = session.output();
  wish.who.school_id = session.globals().school_id;
  wish.who.modules.assign(wish.modules.begin(), wish.modules.end());
  if (const std::string missing = WhatIsMissing(wish.who, output); !missing.empty()) {
    output.err << "jalon: " << missing << '\n';
    return ExitCode::kUsage;
  }
  if (wish.hours == 0) {
    output.err << output.Say({"jalon: --hours: a token that counts for 0 hours never counts\n",
                              "jalon: --hours : un jeton qui vaut 0 heure ne vaut jamais\n"});
    return ExitCode::kUsage;
  }
  std::error_code failed;
  if (!fs::is_directory(session.globals().data, failed)) {
    output.err << output.Say(
        {"jalon: there is no data folder {}: check --data, or start the server there first:\n"
         "  jalon serve --data {}\n",
         "jalon: il n'y a pas de dossier de données {} : vérifiez --data, ou lancez-y d'abord le "
         "serveur :\n  jalon serve --data {}\n"},
        session.globals().data, session.globals().data);
    return ExitCode::kUsage;
  }
  const auto signer = token::Signer::Load(token::KeyPath(session.globals().data), true);
  if (!signer) return ShowFailure(signer.error(), output);
  const auto now = std::chrono::duration_cast<token::Seconds>(session.clock().Wall());
  const token::Claims claims{
      .principal = wish.who, .not_before = now, .expires = now + std::chrono::hours(wish.hours)};
  const Result<std::string> token = (*signer)->Sign(claims, token::Audience{});
  if (!token) return ShowFailure(token.error(), output);
  output.out << (output.IsJson() ? JsonObject({{"token", JsonText(*token)}}) : *token) << '\n';
  return ExitCode::kOk;
}

ExitCode ShowToken(Session& session, const Wish& wish) {
  Output& output = session.output();
  const auto signer = token::Signer::Load(token::KeyPath(session.globals().data), false);
  if (!signer) return ShowFailure(signer.error(), output);
  const SystemClock clock;  // tokens expire by the real time
  const auto verifier = token::Verifier::Make({(*signer)->PublicKeys()}, token::Audience{}, clock);
  if (!verifier) return ShowFailure(verifier.error(), output);
  const std::string& text = wish.token.empty() ? session.globals().token : wish.token;
  std::string why;
  const Result<token::Claims> claims = (*verifier)->Verify(text, &why);
  if (!claims) {
    output.err << output.Say(
        {"The token does not count here: {}\n", "Le jeton ne vaut pas ici : {}\n"}, why);
    return ExitCode::kDenied;
  }
  const domain::Principal& who = claims->principal;
  const int64_t expires = std::chrono::microseconds(claims->expires).count();
  if (output.IsJson()) {
    std::string modules;
    for (const std::string& module : who.modules) {
      modules += (modules.empty() ? "" : ",") + JsonText(module);
    }
    output.out << JsonObject({{"role", JsonText(token::RoleWord(who.role))},
                              {"personId", JsonText(ToHex(who.person_id))},
                              {"schoolId", JsonText(ToHex(who.school_id))},
                              {"companyId", JsonText(ToHex(who.company_id))},
                              {"modules", '[' + modules + ']'},
                              {"expires", JsonText(TimeText(expires))}})
               << '\n';
    return ExitCode::kOk;
  }
  Facts facts;
  facts.Add(output.Say({"role", "rôle"}), NameIn(output.language, who.role));
  facts.Add(output.Say({"person", "personne"}), ToHex(who.person_id));
  facts.Add(output.Say({"school", "école"}), ToHex(who.school_id));
  facts.Add(output.Say({"company", "entreprise"}), ToHex(who.company_id));
  facts.Add(output.Say({"modules", "modules"}), Join(who.modules));
  facts.Add(output.Say({"expires", "expire"}), TimeText(expires));
  output.out << facts.Layout(output.width, output.colour_out);
  return ExitCode::kOk;
}

}  // namespace

Noun TokenNoun() {
  const auto wish = std::make_shared<Wish>();
  return OnDataFolder(
      {"token",
       {"who a caller is: bearer tokens of this machine",
        "qui appelle : les jetons de cette machine"},
       {{"issue",
         {"Sign a token and print it, nothing else; the key is made at first use",
          "Signer un jeton et l'afficher, rien d'autre; la clé est créée au premier usage"},
         {RoleField({"the role that the token acts in", "le rôle dans lequel le jeton agit"},
                    [wish](type::v1::Role role) { wish->who.role = role; })
              .Required(),
          Id("--person", {"the person it speaks for", "la personne pour qui il parle"},
             &wish->who.person_id, 8),
          Id("--company",
             {"the company of a tutor or signatory", "l'entreprise d'un tuteur ou d'un signataire"},
             &wish->who.company_id, 8),
          Texts("--module", "CODE",
                {"a module that the teacher may evaluate; none: all of the school's",
                 "un module que l'enseignant peut évaluer; aucun : tous ceux de l'école"},
                &wish->modules),
          Count("--hours", {"how long it counts (12)", "sa durée de validité (12)"}, kHoursMax,
                [wish](uint32_t hours) { wish->hours = hours; })},
         [wish](Session& session) { return Issue(session, *wish); }},
        {"show",
         {"Verify a token and say whom it speaks for",
          "Vérifier un jeton et dire pour qui il parle"},
         {Text("TOKEN", "TOKEN",
               {"the token; else that of --token", "le jeton; sinon celui de --token"},
               &wish->token)},
         [wish](Session& session) { return ShowToken(session, *wish); }}}});
}

}  // namespace jalon::cli
