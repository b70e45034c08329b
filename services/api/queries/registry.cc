#include "services/api/queries/registry.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <utility>

#include "eventstore/base/check.h"
#include "jalon/type/v1/position.pb.h"
#include "jalon/type/v1/vector_as_of.pb.h"

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

// Of a field; null if it is no message.
const Descriptor* TypeOf(const Descriptor& message, const std::string& field) {
  const auto* found = message.FindFieldByName(field);
  return found == nullptr ? nullptr : found->message_type();
}

}  // namespace

bool QueryMethod::Allows(type::v1::Role role) const {
  return option->open_to_all() ||
         std::ranges::find(option->actors(), role) != option->actors().end();
}

void Queries::AddMethod(QueryMethod query) {
  const Descriptor& response = *query.response->GetDescriptor();
  const MethodDescriptor* method = MethodTaking(*query.request->GetDescriptor());
  JALON_CHECK(method != nullptr && method->output_type() == &response);
  JALON_CHECK(method->options().HasExtension(option::v1::query));
  JALON_CHECK(
      TypeOf(response, "as_of") ==
      (query.SpansSchools() ? type::v1::VectorAsOf::descriptor() : type::v1::AsOf::descriptor()));
  query.name = method->full_name();
  query.option = &method->options().GetExtension(option::v1::query);
  const bool added = by_name_.emplace(query.name, std::move(query)).second;
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
  RegisterExportSubject(queries);
  RegisterExportTransfer(queries);
  RegisterGetErasure(queries);
  RegisterGetPolicy(queries);
  RegisterListAccess(queries);
  RegisterListGrants(queries);
  RegisterListMakeUps(queries);
  RegisterListSchools(queries);
  RegisterListStays(queries);
  RegisterProgrammeQueries(queries);
  RegisterProgressQueries(queries);
  RegisterSequenceQueries(queries);
  RegisterStartReadiness(queries);
  RegisterTrailQueries(queries);
  return queries;
}

}  // namespace jalon::api
