// jalon call: any command or query there is, by its name, in JSON.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

#include "jalon/type/v1/sealed.pb.h"
#include "services/cli/answer.h"
#include "services/cli/nouns.h"
#include "services/cli/read_file.h"
#include "services/cli/table.h"
#include "services/client/methods.h"

namespace jalon::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr uint64_t kFileBytesMax = 16 << 20;  // over twice an import of 4 MiB, as JSON

struct Call {
  std::string method;
  std::string json = "{}";
  bool describe = false;
  type::v1::CommandHeader header;
};

std::unique_ptr<Message> NewOf(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// The command in a command's request; null for a query.
const Descriptor* CommandOf(const MethodDescriptor& method) {
  const auto* field = method.input_type()->FindFieldByName("command");
  return field == nullptr ? nullptr : field->message_type();
}

ExitCode ListMethods(Output& output) {
  if (output.IsJson()) {
    std::string array;
    for (const MethodDescriptor* method : client::Methods()) {
      array += array.empty() ? "" : ",";
      array += JsonObject({{"method", JsonText(method->name())},
                           {"command", CommandOf(*method) != nullptr ? "true" : "false"},
                           {"service", JsonText(method->service()->full_name())}});
    }
    output.out << '[' << array << "]\n";
    return ExitCode::kOk;
  }
  Table table({{output.Say({"method", "méthode"})},
               {output.Say({"kind", "genre"})},
               {output.Say({"service", "service"})}});
  const std::string command = output.Say({"command", "commande"});
  const std::string query = output.Say({"query", "requête"});
  for (const MethodDescriptor* method : client::Methods()) {
    table.Add({method->name(), CommandOf(*method) != nullptr ? command : query,
               method->service()->full_name()});
  }
  Show(table, {"No method.", "Aucune méthode."}, output);
  return ExitCode::kOk;
}

// The message, then every message and enum that it is made of, each once.
void Describe(const Descriptor* type, std::set<std::string>* said, Output& output) {
  if (!said->insert(type->full_name()).second) return;
  output.out << type->DebugString();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->enum_type() != nullptr && said->insert(field->enum_type()->full_name()).second) {
      output.out << field->enum_type()->DebugString();
    }
    // What the server alone makes of a section is not the caller's to send.
    const bool is_sealed = field->message_type() == type::v1::Sealed::descriptor();
    if (field->message_type() != nullptr && !is_sealed) {
      Describe(field->message_type(), said, output);
    }
  }
}

// The text itself, the file after '@', or what standard input has for "-".
Result<std::string> Source(const std::string& json, Language language) {
  if (json == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  if (!json.starts_with('@')) return json;
  return ReadFile(json.substr(1), kFileBytesMax, language);
}

ExitCode Query(Session& session, const MethodDescriptor& method, const std::string& json) {
  Output& output = session.output();
  const std::unique_ptr<Message> request = NewOf(method.input_type());
  if (const auto read = FromJson(json, output.language, request.get()); !read) {
    return ShowFailure(read.error(), output);
  }
  const std::unique_ptr<Message> response = NewOf(method.output_type());
  const Result<client::Reply> reply = session.Ask(request.get(), response.get());
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  output.out << ToJson(*response, true) << '\n';
  return ExitCode::kOk;
}

ExitCode Run(Session& session, const Call& call) {
  Output& output = session.output();
  if (call.method.empty()) return ListMethods(output);
  const MethodDescriptor* method = client::MethodNamed(call.method);
  if (method == nullptr) {
    output.err << output.Say({"jalon: no method {}; `jalon call` lists them\n",
                              "jalon: aucune méthode {}; `jalon call` les liste\n"},
                             call.method);
    return ExitCode::kUsage;
  }
  const Descriptor* command = CommandOf(*method);
  if (call.describe) {
    std::set<std::string> said;
    Describe(command == nullptr ? method->input_type() : command, &said, output);
    return ExitCode::kOk;
  }
  const Result<std::string> json = Source(call.json, output.language);
  if (!json) return ShowFailure(json.error(), output);
  if (command == nullptr) return Query(session, *method, *json);
  const std::unique_ptr<Message> message = NewOf(command);
  if (const auto read = FromJson(*json, output.language, message.get()); !read) {
    return ShowFailure(read.error(), output);
  }
  return SendAndShow(session, *message, call.header);
}

std::vector<Field> OtherHeaderFields(type::v1::CommandHeader* header) {
  using type::v1::Channel_descriptor;
  return {
      Flag(
          "--all-or-nothing",
          {"refuse every row if one is refused", "refuser toutes les rangées si l'une est refusée"},
          [header] { header->set_all_or_nothing(true); }),
      Count("--expected-version",
            {"accept only if what it changes still has this version",
             "n'accepter que si ce qui change a encore cette version"},
            UINT32_MAX, [header](uint32_t version) { header->set_expected_version(version); }),
      Id("--on-behalf-of",
         {"the company's person whose act is keyed in",
          "la personne de l'entreprise dont on saisit l'acte"},
         header->mutable_on_behalf_of()->mutable_person_id(), 8),
      Choice("--channel",
             {"how that act reached the school", "comment cet acte est parvenu à l'école"},
             Channel_descriptor(),
             [header](int value) {
               header->mutable_on_behalf_of()->set_channel(static_cast<type::v1::Channel>(value));
             }),
      Text("--document", "REF",
           {"the school's reference of the paper or message",
            "la référence de l'école pour le papier ou le message"},
           header->mutable_on_behalf_of()->mutable_document_ref()),
      Choice("--backdating",
             {"why the fact is recorded so late", "pourquoi le fait est consigné si tard"},
             type::v1::BackdatingGround_descriptor(), [header](int value) {
               header->set_backdating_ground(static_cast<type::v1::BackdatingGround>(value));
             })};
}

}  // namespace

Noun CallNoun() {
  const auto call = std::make_shared<Call>();
  return {
      "call",
      {"any command or query, by name, in JSON", "toute commande ou requête, par son nom, en JSON"},
      {{"",
        {"Send a command or ask a query by its name; without a name, list them",
         "Envoyer une commande ou poser une requête par son nom; sans nom, les lister"},
        std::vector<Field>{
            Text("METHOD", "METHOD",
                 {"such as EndStay, or jalon.stay.v1.StayService/EndStay",
                  "tel que EndStay, ou jalon.stay.v1.StayService/EndStay"},
                 &call->method),
            Text("--json", "JSON",
                 {"its content: JSON, @FILE, or - for standard input; ids in hexadecimal",
                  "son contenu : du JSON, @FICHIER, ou - pour l'entrée standard; les "
                  "identifiants en hexadécimal"},
                 &call->json),
            Flag("--describe",
                 {"print what it may hold, and what that is made of",
                  "afficher ce qu'elle peut contenir, et de quoi c'est fait"},
                 [call] { call->describe = true; })} +
            HeaderFields(&call->header) + OtherHeaderFields(&call->header),
        [call](Session& session) {
          auto& header = call->header;
          // Naming the fields of a part of the header made that part.
          if (header.on_behalf_of().ByteSizeLong() == 0) header.clear_on_behalf_of();
          return Run(session, *call);
        }}}};
}

}  // namespace jalon::cli
