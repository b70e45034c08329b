#include "tests/scenarios/runner/local_door.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "jalon/correction/v1/correction_service.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/option/v1/field.pb.h"
#include "jalon/option/v1/method.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "jalon/type/v1/sealed.pb.h"
#include "services/domain/local_date.h"
#include "services/domain/reasons.h"
#include "services/domain/school_code.h"
#include "tests/scenarios/runner/transfers.h"

namespace jalon::scenarios {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr uint32_t kAdultAge = 18;
constexpr uint32_t kOtherYears = 3;

// The method whose request carries the command: the only one of its file that takes XRequest.
const MethodDescriptor* MethodOf(const Descriptor* command) {
  const auto* file = command->file();
  for (int i = 0; i < file->service_count(); ++i) {
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      const MethodDescriptor* method = file->service(i)->method(j);
      const FieldDescriptor* field = method->input_type()->FindFieldByName("command");
      if (field != nullptr && field->message_type() == command) return method;
    }
  }
  return nullptr;
}

std::string Hashed(uint32_t year, std::string_view bytes) {
  return std::string(View(Sha256({std::to_string(year), bytes})));
}

// As under a key of each year.
void AddLookups(const Bytes& value, const Bytes& content, uint32_t year, type::v1::Sealed* sealed) {
  if (value.empty()) return;
  sealed->set_lookup_mac(Hashed(year, value));
  sealed->set_content_mac(Hashed(year, content));
  for (uint32_t before = 1; before <= kOtherYears; ++before) {
    type::v1::LookupMacs& other = *sealed->add_other_years();
    other.set_lookup_mac(Hashed(year - before, value));
    other.set_content_mac(Hashed(year - before, content));
  }
}

// The school of the command. A school that is being registered has the id of its code.
Bytes SchoolOf(const domain::Principal& who, const Message& command,
               const type::v1::CommandHeader& header) {
  if (command.GetDescriptor() == school::v1::RegisterSchool::descriptor()) {
    return domain::SchoolIdOf(static_cast<const school::v1::RegisterSchool&>(command).code());
  }
  return who.school_id.empty() ? header.school_id() : who.school_id;
}

domain::Seen Look(const Message& command, Micros now) {
  domain::Seen seen;
  if (command.GetDescriptor() == feedback::v1::ReportFormativeEstimate::descriptor()) {
    const auto& estimate = static_cast<const feedback::v1::ReportFormativeEstimate&>(command);
    seen.estimate_word = estimate.words().clear().word();
  }
  const uint32_t today = domain::LocalDateOf(now);
  const auto look = [&](const person::v1::Identity& identity, int row) {
    const bool minor = identity.born_on() != 0 && today < identity.born_on() + kAdultAge * 10000;
    if (minor && !identity.has_guardian()) seen.minors_without_guardian.push_back(row);
  };
  if (command.GetDescriptor() == correction::v1::RectifyPerson::descriptor()) {
    look(static_cast<const correction::v1::RectifyPerson&>(command).identity().identity().clear(),
         0);
  }
  if (command.GetDescriptor() != roster::v1::EnrolStudents::descriptor()) return seen;
  const auto& enrol = static_cast<const roster::v1::EnrolStudents&>(command);
  for (int row = 0; row < enrol.rows_size(); ++row) look(enrol.rows(row).identity().clear(), row);
  return seen;
}

}  // namespace

struct LocalDoor::Enclosing {
  const Message* message;
  const Enclosing* outer;

  // The field of that name in the message or the nearest one around it.
  Bytes Field(const std::string& name) const {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) return message->GetReflection()->GetString(*message, field);
    return outer == nullptr ? Bytes() : outer->Field(name);
  }
};

Result<domain::Request> LocalDoor::Admit(const domain::Principal& who, const Message& command,
                                         const type::v1::CommandHeader& header, Micros now) {
  const MethodDescriptor* method = MethodOf(command.GetDescriptor());
  if (method == nullptr) {
    return Fail(Code::kInvalidArgument, "MALFORMED", command.GetTypeName() + " is no command");
  }
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type());
  std::shared_ptr<Message> request(prototype->New());
  const auto* reflection = request->GetReflection();
  const auto* type = method->input_type();
  reflection->MutableMessage(request.get(), type->FindFieldByName("header"))->CopyFrom(header);
  Message* inner = reflection->MutableMessage(request.get(), type->FindFieldByName("command"));
  inner->CopyFrom(command);
  school_id_ = SchoolOf(who, command, header);
  year_ = domain::LocalDateOf(now) / 10'000;
  Seal(*inner, nullptr, header.request_id());

  domain::Request admitted;
  admitted.command = inner;
  admitted.header = static_cast<const type::v1::CommandHeader*>(
      &reflection->GetMessage(*request, type->FindFieldByName("header")));
  admitted.request = std::move(request);
  admitted.principal = who;
  admitted.school_id = school_id_;
  admitted.id_seed = NewBytes(16);
  admitted.seen = Look(command, now);
  return admitted;
}

std::optional<domain::RefusalReason> LocalDoor::Denied(const domain::Request& request) const {
  const auto& option =
      MethodOf(request.command->GetDescriptor())->options().GetExtension(option::v1::command);
  if (std::ranges::find(option.actors(), request.principal.role) != option.actors().end()) {
    return std::nullopt;
  }
  if (request.principal.IsCompany() && !option.denied_as().empty()) {
    return domain::ReasonNamed(option.denied_as());
  }
  return domain::Reason::ROLE_NOT_ALLOWED;
}

std::optional<domain::Violation> LocalDoor::OpenTransfer(const domain::Request& request) const {
  if (request.command->GetDescriptor() != roster::v1::RecordPriorResult::descriptor()) return {};
  // The command lies in the request that Admit made.
  auto& command =
      static_cast<roster::v1::RecordPriorResult&>(const_cast<Message&>(*request.command));
  if (!command.transfer().has_issued()) return {};
  const std::vector<trail::VerifierKey> issuers = {IssuerKey().verifier()};
  auto opened = transfer::OpenTransfer(command.transfer().issued(), issuers, request.school_id,
                                       LocalSchoolKey());
  if (!opened) {
    return domain::Violation{.reason = domain::Reason::TRANSFER_SIGNATURE_INVALID,
                             .cause = std::string(opened.error())};
  }
  *command.mutable_transfer()->mutable_checked() = *std::move(opened);
  return {};
}

void LocalDoor::Seal(Message& message, const Enclosing* outer, const Bytes& request_id) {
  const Enclosing here{&message, outer};
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        Seal(*reflection->MutableRepeatedMessage(&message, field, i), &here, request_id);
      }
      continue;
    }
    Message& section = *reflection->MutableMessage(&message, field);
    if (!field->options().HasExtension(option::v1::seal)) {
      Seal(section, &here, request_id);
      continue;
    }
    const auto& option = field->options().GetExtension(option::v1::seal);
    const auto* clear_field = section.GetDescriptor()->FindFieldByName("clear");
    const Message& clear = section.GetReflection()->GetMessage(section, clear_field);
    type::v1::Sealed sealed;
    sealed.set_subject(here.Field(option.has_subject_field() ? option.subject_field()
                                                             : option.field_or_new_person())
                           .substr(0, 8));
    if (sealed.subject().empty()) sealed.set_subject(NewBytes(8));
    sealed.set_nonce(NewBytes(24));
    sealed.set_request_id(request_id);
    std::string bytes = clear.SerializeAsString();
    if (!option.lookup().empty()) {
      AddLookups(Enclosing{&clear, nullptr}.Field(option.lookup()), bytes, year_, &sealed);
    }
    if (seal_) {
      seal_(school_id_, bytes, &sealed);
    } else {
      for (char& byte : bytes) byte = static_cast<char>(byte ^ 0x5a);
      sealed.set_ciphertext(bytes);
    }
    section.Clear();
    const auto* sealed_field = section.GetDescriptor()->FindFieldByName("sealed");
    section.GetReflection()->MutableMessage(&section, sealed_field)->CopyFrom(sealed);
  }
}

Bytes LocalDoor::NewBytes(size_t size) {
  const Hash hash = Sha256(std::to_string(++drawn_));
  return Bytes(View(hash).substr(0, size));
}

}  // namespace jalon::scenarios
