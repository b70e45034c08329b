#include "services/domain/decide/stays.h"

#include <gtest/gtest.h>

#include <set>

namespace jalon::domain {
namespace {

constexpr LocalDate kToday = 20260901;

// A role that nobody thought of sees no stay.
TEST(SeesStay, WithoutAPartInItACoordinatorAlone) {
  Stay stay;
  stay.id = Bytes(16, 's');
  stay.company_id = Bytes(8, 'g');
  std::set<std::string> who;
  const auto* roles = type::v1::Role_descriptor();
  for (int i = 0; i < roles->value_count(); ++i) {
    const Principal caller{.person_id = Bytes(8, 'p'),
                           .role = static_cast<type::v1::Role>(roles->value(i)->number()),
                           .school_id = Bytes(16, 'n'),
                           .company_id = {},
                           .modules = {}};
    if (SeesStay(caller, Scope(caller, {}, kToday), stay, kToday)) {
      who.emplace(roles->value(i)->name());
    }
  }
  EXPECT_EQ(who, std::set<std::string>{"ROLE_WORK_STUDY_COORDINATOR"});
}

}  // namespace
}  // namespace jalon::domain
