// Commands as anyone may send them: checked as at the door, decided on what those before made of a
// school, and evolved.
//
// The input is a row of commands: which one (1), its length (2, big-endian), its XRequest.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>

#include <map>
#include <memory>

#include "jalon/command/v1/command.pb.h"
#include "jalon/type/v1/sealed.pb.h"
#include "proto/example_testing.h"
#include "services/api/message_plan.h"
#include "services/domain/application.h"
#include "services/domain/memory_state_testing.h"
#include "services/domain/school_code.h"
#include "tests/fuzz/fuzz.h"

namespace jalon::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

constexpr size_t kCommandsMax = 16;
constexpr Micros kNow{1'790'000'000'000'000};  // 2026-09-21

// A command, its request, and what the door checks.
struct Method {
  const Message* request = nullptr;
  const google::protobuf::FieldDescriptor* command = nullptr;
  api::MessagePlan plan;
};

const std::vector<Method>& Methods() {
  static const std::vector<Method> methods = [] {
    google::protobuf::SetLogHandler(nullptr);  // it tells of every name that is no UTF-8
    std::vector<Method> all;
    for (const Descriptor* command : domain::AllCommands().Messages()) {
      const Descriptor* request =
          command->file()->FindMessageTypeByName(std::string(command->name()) + "Request");
      JALON_CHECK(request != nullptr);
      auto plan = api::MessagePlan::Make(*command, api::MessagePlan::Of::kCommand);
      JALON_CHECK(plan.has_value());
      all.push_back({google::protobuf::MessageFactory::generated_factory()->GetPrototype(request),
                     request->FindFieldByName("command"), std::move(*plan)});
    }
    return all;
  }();
  return methods;
}

// As the sealer does, with nothing inside.
void Seal(const api::Section& section) {
  const auto* reflection = section.message->GetReflection();
  auto* sealed = static_cast<type::v1::Sealed*>(
      reflection->MutableMessage(section.message, section.plan->sealed));
  sealed->set_subject(section.subject.empty() ? "newcomer" : Bytes(section.subject.substr(0, 8)));
  sealed->set_key_id("key-8-b.");
}

class School {
 public:
  void Send(const Method& method, std::string_view bytes) {
    std::shared_ptr<Message> message(method.request->New());
    if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const auto* reflection = message->GetReflection();
    Message* command = reflection->MutableMessage(message.get(), method.command);
    domain::Refusals refusals;
    std::vector<api::Section> sections;
    method.plan.Check(*command, "", &refusals, &sections);
    if (refusals) return;
    for (const api::Section& section : sections) Seal(section);

    domain::Request request;
    request.request = message;
    request.command = command;
    request.header = static_cast<const type::v1::CommandHeader*>(
        &reflection->GetMessage(*message, message->GetDescriptor()->FindFieldByName("header")));
    request.principal = {.person_id = "operator",
                         .role = type::v1::ROLE_WORK_STUDY_COORDINATOR,
                         .school_id = {},
                         .company_id = {},
                         .modules = {}};
    request.school_id = domain::SchoolIdOf("CFP-NORD");
    request.id_seed = "0123456789abcdef";
    const auto verdict =
        application_.Decide(request, {.recorded_at = kNow, .seq = Seq{seq_ + 1}}, state_);
    const auto* accepted = std::get_if<eventstore::Accepted>(&verdict);
    if (accepted == nullptr) return;
    log::v1::Record record;
    record.set_seq(++seq_);
    record.set_recorded_at(kNow.count());
    record.set_tenant(request.school_id);
    for (const std::string& event : accepted->events) record.add_events(event);
    JALON_CHECK(application_.Evolve(record, state_).has_value());
    state_.RoundTrip();
  }

 private:
  domain::DomainApplication application_;
  domain::MemoryState state_{application_};
  uint64_t seq_ = 0;
};

void Put(size_t method, const Message& request, std::string* out) {
  const std::string bytes = request.SerializeAsString();
  out->push_back(static_cast<char>(method));
  out->push_back(static_cast<char>(bytes.size() >> 8));
  out->push_back(static_cast<char>(bytes.size()));
  out->append(bytes);
}

// Of a command with the name.
size_t MethodNamed(std::string_view name) {
  for (size_t i = 0; i < Methods().size(); ++i) {
    if (Methods()[i].command->message_type()->name() == name) return i;
  }
  JALON_CHECK(false);
}

// The command that begins every school.
std::string Registered() {
  const size_t method = MethodNamed("RegisterSchool");
  const std::unique_ptr<Message> request(Methods()[method].request->New());
  const auto* field = Methods()[method].command;
  Message* command = request->GetReflection()->MutableMessage(request.get(), field);
  const Descriptor& type = *command->GetDescriptor();
  command->GetReflection()->SetString(command, type.FindFieldByName("code"), "CFP-NORD");
  command->GetReflection()->SetString(command, type.FindFieldByName("name"), "CFP Nord");
  std::string seed;
  Put(method, *request, &seed);
  return seed;
}

}  // namespace

void Run(std::string_view input) {
  School school;
  for (size_t i = 0; i < kCommandsMax && input.size() >= 3; ++i) {
    const auto byte = [&](size_t at) { return static_cast<unsigned char>(input[at]); };
    const Method& method = Methods()[byte(0) % Methods().size()];
    const std::string_view bytes = input.substr(3, size_t{byte(1)} << 8 | byte(2));
    school.Send(method, bytes);
    input.remove_prefix(3 + bytes.size());
  }
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds = {Registered()};
  for (size_t i = 0; i < Methods().size(); ++i) {
    const std::unique_ptr<Message> request(Methods()[i].request->New());
    FillExample(0, request->GetReflection()->MutableMessage(request.get(), Methods()[i].command));
    std::string& seed = seeds.emplace_back(Registered());
    Put(i, *request, &seed);
  }
  return seeds;
}

}  // namespace jalon::fuzz
