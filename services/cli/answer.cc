#include "services/cli/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "eventstore/base/hash.h"
#include "jalon/option/v1/reason.pb.h"
#include "services/cli/names.h"
#include "services/cli/receipt_files.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/domain/reasons.h"

namespace jalon::cli {
namespace {

using refusal::v1::Refusal;
using type::v1::CommandHeader;

std::string ReasonText(const Refusal& reason) {
  const std::string_view name = domain::ReasonName(reason.reason());
  return name.empty() ? std::to_string(reason.reason()) : std::string(name);
}

std::string RolesText(const google::protobuf::RepeatedField<int>& roles, Language language) {
  std::vector<std::string> names;
  for (const int role : roles) names.push_back(NameIn(language, static_cast<type::v1::Role>(role)));
  return Join(names);
}

// gRPC had nobody to send it to: its own words, for it has no code of its own for that.
bool WasNeverSent(const client::Reply& reply) {
  return reply.error.code == Code::kUnavailable &&
         (reply.error.message.starts_with("failed to connect to all addresses") ||
          reply.error.message.starts_with("connections to all backends failing"));
}

// Whether the command may have been accepted all the same.
bool IsUnknown(const client::Reply& reply) {
  if (WasNeverSent(reply)) return false;
  return reply.error.reason == "OUTCOME_UNKNOWN" ||
         ExitCodeOf(reply.error.code, true) == ExitCode::kOutcomeUnknown ||
         (reply.error.code == Code::kUnavailable && reply.error.reason.empty());
}

// What is wrong with a query's argument, which its one reason only says in general. A command's
// reasons name what they concern.
std::string Particulars(const client::Reply& reply, bool is_command) {
  if (is_command || reply.error.code != Code::kInvalidArgument) return "";
  const Refusal& reason = reply.refusals.refusals(0);
  if (!reason.subjects().empty() || reply.error.message == reason.message()) return "";
  return ' ' + Printable(reply.error.message);
}

// The line above the reasons; all of it where there are none.
std::string Heading(const client::Reply& reply, bool is_command, ExitCode code,
                    const Output& output) {
  const int reasons = reply.refusals.refusals_size();
  if (reasons > 1)
    return output.Say({"Refused, for {} reasons:", "Refusé, pour {} motifs :"}, reasons);
  if (reasons == 1) {
    return output.Say({"Refused:", "Refusé :"}) + Particulars(reply, is_command);
  }
  const bool silent = code == ExitCode::kUnavailable || code == ExitCode::kOutcomeUnknown;
  const std::string what = Printable(reply.error.message) +
                           (reply.error.reason.empty() ? "" : " (" + reply.error.reason + ')');
  return silent ? output.Say({"No answer: {}", "Pas de réponse : {}"}, what)
                : output.Say({"Refused: {}", "Refusé : {}"}, what);
}

std::string RefusalsJson(const refusal::v1::RefusalDetail& refusals) {
  std::string array = "[";
  for (const Refusal& refusal : refusals.refusals()) {
    if (array.size() > 1) array += ',';
    array += ToJson(refusal, false);
  }
  return array + ']';
}

ExitCode ShowFailureAsJson(const client::Reply& reply, const CommandHeader* header, ExitCode code,
                           Output& output) {
  const auto status = static_cast<int>(reply.error.code);
  output.out << JsonObject({
                    {"accepted", "false"},
                    {"requestId", JsonText(header ? ToHex(header->request_id()) : "")},
                    {"code",
                     JsonText(option::v1::Code_Name(static_cast<option::v1::Code>(status)))},
                    {"reason", JsonText(reply.error.reason)},
                    {"message", JsonText(reply.error.message)},
                    {"refusals", RefusalsJson(reply.refusals)},
                    {"more", std::to_string(reply.refusals.more())},
                })
             << '\n';
  return code;
}

// An id that joins another one and a code: "0011223344556677 850-568".
std::string JoinedText(const std::string& id, size_t bytes) {
  return id.size() < bytes ? ToHex(id) : ToHex(id.substr(0, bytes)) + ' ' + id.substr(bytes);
}

std::string IdText(const command::v1::CreatedId& created) {
  switch (created.kind()) {
    case type::v1::AGGREGATE_KIND_PROGRAMME_VERSION:
      return created.id();
    case type::v1::AGGREGATE_KIND_ENROLMENT:
    case type::v1::AGGREGATE_KIND_MODULE_RECORD:  // student ‖ code
      return JoinedText(created.id(), 8);
    case type::v1::AGGREGATE_KIND_MAKE_UP:  // stay ‖ activity
      return JoinedText(created.id(), 16);
    default:
      return ToHex(created.id());
  }
}

void ShowCreated(const command::v1::CommandResult& result, bool rows, Output& output) {
  if (result.created_size() == 0) return;
  Table table({{output.Say({"row", "rangée"}), Align::kRight},
               {output.Say({"made", "créé"})},
               {output.Say({"id", "identifiant"})},
               {output.Say({"label", "nom"})},
               {output.Say({"person", "personne"})}});
  for (const auto& created : result.created()) {
    table.Add({rows ? std::to_string(created.row()) : "", NameIn(output.language, created.kind()),
               IdText(created), created.label(), ToHex(created.person_id())});
  }
  output.out << table.Layout(output.width, output.colour_out);
}

// What is accepted, what it made, what it warns of, and the rows that it refused.
void ShowAccepted(const command::v1::CommandResult& result, Output& output) {
  const bool rows = result.accepted_rows() > 0 || result.refused_rows_size() > 0;
  const std::string verdict = result.dry_run()
                                  ? output.Say({"It would be accepted", "Ce serait accepté"})
                                  : output.Say({"Accepted", "Accepté"});
  output.out << Paint(Style::kGood, verdict, output.colour_out);
  if (rows) {
    output.out << output.Say({": {} row(s); refused: {}", " : {} rangée(s); refusées : {}"},
                             result.accepted_rows(), result.refused_rows_size());
  }
  output.out << '\n';
  ShowCreated(result, rows, output);
  if (!result.warnings().empty()) output.err << output.Say({"To be noted:\n", "À noter :\n"});
  for (const auto& warning : result.warnings()) {
    if (warning.has_row()) output.err << output.Say({"row {}:\n", "rangée {} :\n"}, warning.row());
    ShowReason(warning.notice(), Style::kWarning, output.err, output.colour_err, output);
  }
  for (const auto& row : result.refused_rows()) {
    output.err << output.Say({"row {}, refused:\n", "rangée {}, refusée :\n"}, row.row());
    for (const Refusal& reason : row.refusals()) {
      ShowReason(reason, Style::kBad, output.err, output.colour_err, output);
    }
  }
}

// What became of the receipts, and how those that are missing are obtained.
ExitCode ShowReceipts(const command::v1::CommandResult& result, const std::string& folder,
                      Output& output) {
  const auto is_signed = [](const trail::v1::Receipt& receipt) {
    return !receipt.tlog_proof().empty();
  };
  const auto there = std::ranges::count_if(result.receipts(), is_signed);
  const bool keeps = there > 0 && !folder.empty();
  if (keeps && !KeepReceipts(result.receipts(), folder, output)) return ExitCode::kNotWritten;
  if (output.IsJson()) return ExitCode::kOk;
  if (keeps) {
    output.err << output.Say({"{} receipt(s) kept in {}.\n", "{} récépissé(s) gardé(s) dans {}.\n"},
                             there, folder);
  } else if (there > 0) {
    output.err << output.Say({"{} receipt(s), not kept: give --receipts FOLDER, or later 'jalon "
                              "trail receipt'.\n",
                              "{} récépissé(s), non gardé(s) : donnez --receipts DOSSIER, ou plus "
                              "tard « jalon trail receipt ».\n"},
                             there);
  }
  if (result.receipt_pending()) {
    output.err << output.Say(
        {"{} receipt(s) still to come:\n", "{} récépissé(s) encore à venir :\n"},
        result.trail_entries() - there);
    for (const trail::v1::Receipt& place : result.receipts()) {
      if (is_signed(place)) continue;
      output.err << fmt::format("  jalon trail receipt {} {}\n", ToHex(place.company_id()),
                                place.index());
    }
  }
  return ExitCode::kOk;
}

// What to type, where the remedy of a reason is an option of this program.
void ShowHint(const client::Reply& reply, Output& output) {
  const auto& refusals = reply.refusals.refusals();
  const bool no_school = std::ranges::any_of(refusals, [](const Refusal& refusal) {
    return std::ranges::count(refusal.subjects(), "header.school_id") > 0;
  });
  if (no_school) {
    output.err << output.Say({"Name the school: --school CODE, or JALON_SCHOOL.\n",
                              "Nommez l'école : --school CODE, ou JALON_SCHOOL.\n"});
  }
  if (reply.error.metadata.contains("missing_partitions")) {
    output.err << output.Say(
        {"To go on without them: --partial.\n", "Pour s'en passer : --partial.\n"});
  }
  if (reply.error.code == Code::kUnauthenticated) {
    output.err << output.Say(
        {"Say who you are: --token, --token-file or JALON_TOKEN; `jalon token issue` prints a "
         "token, `jalon token show` says what is wrong with one.\n",
         "Dites qui vous êtes : --token, --token-file ou JALON_TOKEN; `jalon token issue` affiche "
         "un jeton, `jalon token show` dit ce qui ne va pas dans un autre.\n"});
  }
}

}  // namespace

std::string EventText(const type::v1::EventRef& event) {
  if (event.seq() == 0) return {};
  return fmt::format("#{}.{} {} {}", event.seq(), event.index(), event.type(),
                     DayText(event.occurred_on()));
}

std::string EventTexts(const google::protobuf::RepeatedPtrField<type::v1::EventRef>& events) {
  std::vector<std::string> texts;
  for (const auto& event : events) texts.push_back(EventText(event));
  return Join(texts);
}

std::string WhoText(const google::protobuf::RepeatedField<int>& who,
                    const google::protobuf::RepeatedPtrField<refusal::v1::Clearing>& clearing,
                    Language language) {
  if (clearing.empty()) return RolesText(who, language);
  std::string text;
  std::string before;  // those who may send the command before this one
  for (const refusal::v1::Clearing& command : clearing) {
    const std::string roles = RolesText(command.who(), language);
    const bool same = !text.empty() && roles == before;
    text += same ? ", " : (text.empty() ? "" : "; ") + roles + ": ";
    text += command.command();
    before = roles;
  }
  return text;
}

void ShowReason(const Refusal& reason, Style style, std::ostream& to, bool colour,
                const Output& output) {
  std::string rule = reason.rule();
  if (reason.basis() != option::v1::BASIS_SOURCE) {
    rule += (rule.empty() ? "" : ", ") + NameIn(output.language, reason.basis());
  }
  to << "  " << Paint(style, ReasonText(reason), colour);
  if (!rule.empty()) to << " (" << rule << ')';
  to << '\n';
  Facts facts;
  facts.Add("    " + output.Say({"says", "dit"}), reason.message());
  facts.Add("    " + output.Say({"cause", "cause"}), reason.cause());
  facts.Add("    " + output.Say({"concerns", "concerne"}), Join(reason.subjects()));
  facts.Add("    " + output.Say({"remedy", "remède"}), reason.remedy());
  facts.Add("    " + output.Say({"who", "qui"}),
            WhoText(reason.who(), reason.clearing(), output.language));
  facts.Add("    " + output.Say({"events", "événements"}), EventTexts(reason.events()));
  to << facts.Layout(output.width, colour);
}

ExitCode ShowFailure(const client::Reply& reply, const CommandHeader* header, Output& output) {
  const bool unknown = header != nullptr && IsUnknown(reply);
  const ExitCode code = unknown && reply.error.code != Code::kUnavailable
                            ? ExitCode::kOutcomeUnknown
                            : ExitCodeOf(reply.error.code, header != nullptr);
  if (output.IsJson()) return ShowFailureAsJson(reply, header, code, output);
  output.err << Paint(Style::kBad, Heading(reply, header != nullptr, code, output),
                      output.colour_err)
             << '\n';
  for (const Refusal& reason : reply.refusals.refusals()) {
    ShowReason(reason, Style::kBad, output.err, output.colour_err, output);
  }
  if (const uint32_t more = reply.refusals.more(); more > 0) {
    output.err << output.Say({"  and {} more\n", "  et {} de plus\n"}, more);
  }
  if (reply.error.code == Code::kUnavailable && reply.error.reason.empty()) {
    output.err << output.Say({"Is the server running there? See --server, or --data.\n",
                              "Le serveur est-il en marche là? Voyez --server, ou --data.\n"});
  }
  ShowHint(reply, output);
  if (unknown) {
    output.err << output.Say(
        {"It is not known whether the command was accepted. To be sure, send it again with\n"
         "  --request-id {}\n",
         "On ne sait pas si la commande a été acceptée. Pour en être sûr, renvoyez-la avec\n"
         "  --request-id {}\n"},
        ToHex(header->request_id()));
  }
  return code;
}

ExitCode ShowFailure(const Error& error, Output& output) {
  client::Reply reply;
  reply.error = error;
  if (output.IsJson()) return ShowFailure(reply, nullptr, output);
  output.err << "jalon: " << Printable(error.message);
  if (!error.reason.empty()) output.err << " (" << error.reason << ')';
  output.err << '\n';
  return ExitCodeOf(error.code, false);
}

ExitCode ShowCommand(const client::Reply& reply, const CommandHeader& header,
                     const std::string& receipts_folder, Output& output) {
  if (!reply.ok) return ShowFailure(reply, &header, output);
  const command::v1::CommandResult& result = reply.result;
  const ExitCode kept = ShowReceipts(result, receipts_folder, output);
  const ExitCode code = !result.refused_rows().empty() ? ExitCode::kRefused : kept;
  const std::string position = result.has_position() ? PositionText(result.position()) : "";
  if (output.IsJson()) {
    output.out << JsonObject({{"accepted", "true"},
                              {"requestId", JsonText(ToHex(header.request_id()))},
                              {"position", JsonText(position)},
                              {"result", ToJson(result, false)}})
               << '\n';
    return code;
  }
  ShowAccepted(result, output);
  Facts facts;
  facts.Add(output.Say({"request", "demande"}), ToHex(header.request_id()));
  facts.Add("position", position);
  output.out << facts.Layout(output.width, output.colour_out);
  return code;
}

ExitCode SendAndShow(Session& session, const google::protobuf::Message& command,
                     CommandHeader header) {
  const Result<client::Reply> reply = session.Send(command, &header);
  return reply ? ShowCommand(*reply, header, session.globals().receipts, session.output())
               : ShowFailure(reply.error(), session.output());
}

std::vector<Field> HeaderFields(CommandHeader* header) {
  return {
      Id("--request-id",
         {"the id of an earlier try: the same command is never accepted twice",
          "l'identifiant d'un essai précédent : une commande n'est jamais acceptée deux fois"},
         header->mutable_request_id(), 16),
      Flag("--dry-run", {"decide and answer, write nothing", "décider et répondre, sans écrire"},
           [header] { header->set_dry_run(true); })};
}

void ShowAsOf(const type::v1::AsOf& as_of, Output& output) {
  if (as_of.position().seq() == 0) return;
  output.out << Paint(Style::kDim,
                      output.Say({"As of record {} ({}); position {}",
                                  "En date de l'enregistrement {} ({}); position {}"},
                                 as_of.position().seq(), TimeText(as_of.recorded_at()),
                                 PositionText(as_of.position())),
                      output.colour_out)
             << '\n';
}

void ShowAsOf(const type::v1::VectorAsOf& as_of, Output& output) {
  uint64_t records = 0;
  for (const type::v1::PartitionSeq& partition : as_of.partitions()) records += partition.seq();
  output.out << Paint(Style::kDim,
                      output.Say({"As of {} records in {} partitions",
                                  "En date de {} enregistrements dans {} partitions"},
                                 CountText(records, output.language), as_of.partitions_size()),
                      output.colour_out)
             << '\n';
}

}  // namespace jalon::cli
