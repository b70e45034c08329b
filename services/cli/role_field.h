// A role on the command line: by its code, such as COO, or its name, such as teacher.
#pragma once

#include <functional>

#include "jalon/type/v1/role.pb.h"
#include "services/cli/field.h"

namespace jalon::cli {

Field RoleField(Words help, std::function<void(type::v1::Role)> set);

}  // namespace jalon::cli
