#include "services/api/method_table.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <utility>

#include "jalon/command/v1/command.pb.h"
#include "jalon/type/v1/header.pb.h"
#include "jalon/type/v1/position.pb.h"
#include "jalon/type/v1/vector_as_of.pb.h"
#include "services/domain/reasons.h"

namespace jalon::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::unexpected<Error> BadMethod(const MethodDescriptor& method, std::string_view what) {
  return Fail(
      Code::kFailedPrecondition, "INTERNAL",
      fmt::format("the server does not start: {} {}; mend the proto", method.full_name(), what));
}

// The field of that number, if it is a message of that type.
const FieldDescriptor* MessageField(const Descriptor& in, int number, const Descriptor* type) {
  const FieldDescriptor* field = in.FindFieldByNumber(number);
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
      field->is_repeated() || (type != nullptr && field->message_type() != type)) {
    return nullptr;
  }
  return field;
}

template <typename Roles>
uint32_t Bits(const Roles& roles) {
  uint32_t bits = 0;
  for (const int role : roles) bits |= 1U << role;
  return bits;
}

void Describe(const MethodDescriptor& method, MethodSpec* spec) {
  spec->service = method.service()->full_name();
  spec->path = "/" + spec->service + "/" + method.name();
  MessageFactory* factory = MessageFactory::generated_factory();
  spec->request = factory->GetPrototype(method.input_type());
  spec->response = factory->GetPrototype(method.output_type());
}

Result<std::unique_ptr<const CommandSpec>> MakeCommand(const MethodDescriptor& method) {
  const auto& option = method.options().GetExtension(option::v1::command);
  auto spec = std::make_unique<CommandSpec>();
  Describe(method, spec.get());
  spec->action = option.action();
  spec->resource = {option.resource().begin(), option.resource().end()};
  spec->roles = Bits(option.actors());
  if (option.bytes_max() != 0) spec->bytes_max = option.bytes_max();
  spec->header = MessageField(*method.input_type(), 1, type::v1::CommandHeader::descriptor());
  spec->command = MessageField(*method.input_type(), 2, nullptr);
  if (method.input_type()->field_count() != 2 || spec->header == nullptr ||
      spec->command == nullptr) {
    return BadMethod(method, "does not take {header, command}");
  }
  if (method.output_type()->field_count() != 1 ||
      MessageField(*method.output_type(), 1, command::v1::CommandResult::descriptor()) == nullptr) {
    return BadMethod(method, "does not give {result}");
  }
  if (option.action().empty() || spec->roles == 0) {
    return BadMethod(method, "names no action or no actor");
  }
  if (!option.denied_as().empty()) {
    spec->denied_as = domain::ReasonNamed(option.denied_as());
    if (spec->denied_as == refusal::v1::REFUSAL_REASON_UNSPECIFIED) {
      return BadMethod(method, "is denied as a reason that is none");
    }
  }
  JALON_ASSIGN_OR_RETURN(
      spec->plan, MessagePlan::Make(*spec->command->message_type(), MessagePlan::Of::kCommand));
  return spec;
}

Result<std::unique_ptr<const QuerySpec>> MakeQuery(const MethodDescriptor& method) {
  const auto& option = method.options().GetExtension(option::v1::query);
  auto spec = std::make_unique<QuerySpec>();
  Describe(method, spec.get());
  spec->action = option.action();
  spec->resource = {option.resource().begin(), option.resource().end()};
  spec->roles = Bits(option.actors());
  spec->open_to_all = option.open_to_all();
  spec->header = MessageField(*method.input_type(), 1, type::v1::QueryHeader::descriptor());
  if (spec->header == nullptr) return BadMethod(method, "takes no header");
  if (MessageField(*method.output_type(), 1, type::v1::AsOf::descriptor()) == nullptr &&
      MessageField(*method.output_type(), 1, type::v1::VectorAsOf::descriptor()) == nullptr) {
    return BadMethod(method, "does not say how current it is");
  }
  if (option.action().empty() || (spec->roles == 0 && !spec->open_to_all)) {
    return BadMethod(method, "names no action or no actor");
  }
  JALON_ASSIGN_OR_RETURN(spec->plan,
                         MessagePlan::Make(*method.input_type(), MessagePlan::Of::kQuery));
  return spec;
}

// Whoever may ask a stream asks for what lasts, so it is never open to all.
Result<std::unique_ptr<const StreamSpec>> MakeStream(const MethodDescriptor& method) {
  const auto& option = method.options().GetExtension(option::v1::query);
  auto spec = std::make_unique<StreamSpec>();
  Describe(method, spec.get());
  spec->action = option.action();
  spec->resource = {option.resource().begin(), option.resource().end()};
  spec->roles = Bits(option.actors());
  if (MessageField(*method.input_type(), 1, type::v1::QueryHeader::descriptor()) == nullptr) {
    return BadMethod(method, "takes no header");
  }
  if (option.action().empty() || spec->roles == 0 || option.open_to_all()) {
    return BadMethod(method, "names no action or no actor");
  }
  JALON_ASSIGN_OR_RETURN(spec->plan,
                         MessagePlan::Make(*method.input_type(), MessagePlan::Of::kQuery));
  return spec;
}

}  // namespace

Result<MethodTable> MethodTable::Make(const std::vector<const ServiceDescriptor*>& services) {
  MethodTable table;
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const auto& options = method.options();
      const int kinds = int{options.HasExtension(option::v1::command)} +
                        int{options.HasExtension(option::v1::query)} +
                        int{options.HasExtension(option::v1::admin)};
      if (kinds != 1) return BadMethod(method, "has not exactly one of command, query, admin");
      if (options.HasExtension(option::v1::admin)) continue;
      const bool query = options.HasExtension(option::v1::query);
      if (method.client_streaming() || (method.server_streaming() && !query)) {
        return BadMethod(method, "is neither a unary method nor a query that streams");
      }
      if (method.server_streaming()) {
        JALON_ASSIGN_OR_RETURN(auto stream, MakeStream(method));
        table.streams.push_back(std::move(stream));
      } else if (!query) {
        JALON_ASSIGN_OR_RETURN(auto command, MakeCommand(method));
        table.commands.push_back(std::move(command));
      } else {
        JALON_ASSIGN_OR_RETURN(auto query, MakeQuery(method));
        table.queries.push_back(std::move(query));
      }
    }
  }
  return table;
}

const QuerySpec* MethodTable::FindQuery(const Descriptor* request) const {
  for (const auto& query : queries) {
    if (query->request->GetDescriptor() == request) return query.get();
  }
  return nullptr;
}

}  // namespace jalon::api
