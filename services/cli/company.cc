// jalon company: the companies that host students, one workplace site each.
#include <memory>

#include "jalon/company/v1/company_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/nouns.h"

namespace jalon::cli {
namespace {

using company::v1::DeclareHostingCapacity;
using company::v1::Reach;
using company::v1::RegisterHostCompany;

// "5830", "5830/850-568" or "5830/850-568/PARTIAL".
bool ReadReach(const std::string& text, Reach* reach) {
  const size_t first = text.find('/');
  reach->set_programme_code(text.substr(0, first));
  if (first == std::string::npos) return !text.empty();
  const size_t second = text.find('/', first + 1);
  reach->set_module(text.substr(first + 1, second - first - 1));
  if (second == std::string::npos) return true;
  type::v1::DevelopmentMode mode = type::v1::DEVELOPMENT_MODE_UNSPECIFIED;
  const bool known =
      type::v1::DevelopmentMode_Parse("DEVELOPMENT_MODE_" + text.substr(second + 1), &mode);
  reach->set_mode(mode);
  return known;
}

Verb Register() {
  const auto command = std::make_shared<RegisterHostCompany>();
  const auto header = std::make_shared<type::v1::CommandHeader>();
  return {"register",
          {"Make a company known to the school; it answers the company's id",
           "Faire connaître une entreprise à l'école; donne l'identifiant de l'entreprise"},
          std::vector<Field>{
              Text("--name", "NAME", {"its name", "son nom"}, command->mutable_name()).Required(),
              Text("--site", "TEXT",
                   {"the workplace: an address, or a name of it",
                    "le lieu de travail : une adresse, ou son nom"},
                   command->mutable_site())
                  .Required(),
              Text("--neq", "NEQ",
                   {"its Québec enterprise number, 10 digits",
                    "son numéro d'entreprise du Québec, 10 chiffres"},
                   command->mutable_neq())} +
              HeaderFields(header.get()),
          [command, header](Session& session) { return SendAndShow(session, *command, *header); }};
}

Verb Capacity() {
  const auto command = std::make_shared<DeclareHostingCapacity>();
  const auto header = std::make_shared<type::v1::CommandHeader>();
  const Field reach = {
      .name = "--reach",
      .value = "PROGRAMME[/MODULE[/COMPLETE|PARTIAL]]",
      .help = {"what it can host; none: not said", "ce qu'elle peut accueillir; rien : non dit"},
      .read = [command](const std::string& text) { return ReadReach(text, command->add_reach()); },
      .expects =
          Words{"expected: such as 5830/850-568/PARTIAL", "attendu : tel que 5830/850-568/PARTIAL"},
      .many = true};
  return {"capacity",
          {"Say how many students a company hosts in a period, and for what (R10)",
           "Dire combien d'élèves une entreprise accueille dans une période, et pour quoi (R10)"},
          std::vector<Field>{
              Id("COMPANY",
                 {"the company; a signatory's own may be left out",
                  "l'entreprise; un signataire peut omettre la sienne"},
                 command->mutable_company_id(), 8),
              Day("--from", {"the first day", "le premier jour"},
                  [command](uint32_t day) { command->set_from_on(day); })
                  .Required(),
              Day("--until", {"the last day", "le dernier jour"},
                  [command](uint32_t day) { command->set_until_on(day); })
                  .Required(),
              Count("--seats", {"students at once; 0: none", "élèves à la fois; 0 : aucun"}, 500,
                    [command](uint32_t seats) { command->set_seats(seats); })
                  .Required(),
              reach,
              Flag("--interested", {"the company wants to host", "l'entreprise veut accueillir"},
                   [command] { command->set_interested(true); })} +
              HeaderFields(header.get()),
          [command, header](Session& session) { return SendAndShow(session, *command, *header); }};
}

}  // namespace

Noun CompanyNoun() {
  return {"company",
          {"companies that host students", "les entreprises qui accueillent des élèves"},
          {Register(), Capacity()}};
}

}  // namespace jalon::cli
