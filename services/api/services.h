// The services that the public port offers. A new service is a line here.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

namespace jalon::api {

std::vector<const google::protobuf::ServiceDescriptor*> PublicServices();

}  // namespace jalon::api
