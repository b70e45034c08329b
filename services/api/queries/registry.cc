#include "services/api/queries/registry.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <utility>

#include "eventstore/base/check.h"

namespace jalon::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const MethodDescriptor* MethodTaking(const Descriptor& request) {
  for (int s = 0; s < request.file()->service_count(); ++s) {
    const ServiceDescriptor& service = *request.file()->service(s);
    for (int m = 0; m < service.method_count(); ++m) {
      if (service.method(m)->input_type() == &request) return service.method(m);
    }
  }
  return nullptr;
}

}  // namespace

bool QueryMethod::Allows(type::v1::Role role) const {
  return option->open_to_all() ||
         std::ranges::find(option->actors(), role) != option->actors().end();
}

void Queries::AddMethod(const google::protobuf::Message& request,
                        const google::protobuf::Message& response, QueryMethod::AnyAnswer answer) {
  const MethodDescriptor* method = MethodTaking(*request.GetDescriptor());
  JALON_CHECK(method != nullptr && method->output_type() == response.GetDescriptor());
  JALON_CHECK(method->options().HasExtension(option::v1::query));
  const bool added =
      by_name_
          .emplace(method->full_name(),
                   QueryMethod{.name = method->full_name(),
                               .option = &method->options().GetExtension(option::v1::query),
                               .request = &request,
                               .response = &response,
                               .answer = std::move(answer)})
          .second;
  JALON_CHECK(added);
}

const QueryMethod* Queries::Find(std::string_view method) const {
  const auto found = by_name_.find(method);
  return found == by_name_.end() ? nullptr : &found->second;
}

const QueryMethod* Queries::FindByRequest(const Descriptor* request) const {
  const MethodDescriptor* method = MethodTaking(*request);
  return method == nullptr ? nullptr : Find(method->full_name());
}

Queries AllQueries() {
  Queries queries;
  RegisterAttitudeTimeline(queries);
  RegisterExplainReason(queries);
  RegisterGetPolicy(queries);
  RegisterListMakeUps(queries);
  RegisterListStays(queries);
  RegisterProgrammeQueries(queries);
  RegisterProgressQueries(queries);
  RegisterSequenceQueries(queries);
  RegisterStartReadiness(queries);
  RegisterTrailQueries(queries);
  return queries;
}

}  // namespace jalon::api
