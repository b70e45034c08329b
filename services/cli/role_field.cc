#include "services/cli/role_field.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using type::v1::Role;

struct RoleCode {
  std::string_view code;
  Role role;
};
constexpr std::array<RoleCode, 9> kRoles = {{{"REG", type::v1::ROLE_REGION_COORDINATOR},
                                             {"COO", type::v1::ROLE_WORK_STUDY_COORDINATOR},
                                             {"TEA", type::v1::ROLE_TEACHER},
                                             {"TUT", type::v1::ROLE_WORKPLACE_TUTOR},
                                             {"SIG", type::v1::ROLE_COMPANY_SIGNATORY},
                                             {"STU", type::v1::ROLE_STUDENT},
                                             {"GUA", type::v1::ROLE_GUARDIAN},
                                             {"AUD", type::v1::ROLE_AUDITOR},
                                             {"ANA", type::v1::ROLE_ANALYST}}};

// ROLE_UNSPECIFIED where it is none.
Role RoleNamed(const std::string& text) {
  for (const RoleCode& known : kRoles) {
    if (known.code == text) return known.role;
  }
  const auto* named = ChoiceNamed(*type::v1::Role_descriptor(), text);
  return named == nullptr ? type::v1::ROLE_UNSPECIFIED : static_cast<Role>(named->number());
}

}  // namespace

Field RoleField(Words help, std::function<void(Role)> set) {
  std::vector<std::string_view> codes;
  codes.reserve(kRoles.size());
  for (const RoleCode& known : kRoles) codes.push_back(known.code);
  return {.name = "--role",
          .value = Join(codes, "|"),
          .help = help,
          .read =
              [set = std::move(set)](const std::string& text) {
                const Role role = RoleNamed(text);
                set(role);
                return role != type::v1::ROLE_UNSPECIFIED;
              },
          .expects = Words{"expected: a role's code such as COO, or its name such as teacher",
                           "attendu : le code d'un rôle tel que COO, ou son nom tel que teacher"}};
}

}  // namespace jalon::cli
