#include "services/domain/clearing.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "services/domain/reasons.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// Reasons name them already; they come later.
const std::set<std::string> kToCome = {"CancelStay", "CorrectFact", "MoveToVersion", "ReviseStay"};

std::vector<RefusalReason> EveryReason() {
  std::vector<RefusalReason> reasons;
  const auto* type = refusal::v1::RefusalReason_descriptor();
  for (int i = 0; i < type->value_count(); ++i) {
    reasons.push_back(static_cast<RefusalReason>(type->value(i)->number()));
  }
  return reasons;
}

std::set<std::string> CommandNames() {
  std::set<std::string> names;
  for (const auto* command : AllCommands().Messages()) names.insert(command->name());
  return names;
}

TEST(Clearing, EveryCommandThatClearsAReasonIsOpenToSomebodyNamed) {
  for (const RefusalReason reason : EveryReason()) {
    for (const refusal::v1::Clearing& clearing : ClearingOf(reason)) {
      EXPECT_FALSE(clearing.who().empty())
          << ReasonName(reason) << ": nobody named may send " << clearing.command();
    }
  }
}

TEST(Clearing, EverybodyNamedMaySendOneOfTheCommands) {
  for (const RefusalReason reason : EveryReason()) {
    const auto& list = ClearingOf(reason);
    if (list.empty()) continue;
    for (const int role : OptionOf(reason).who()) {
      EXPECT_TRUE(std::ranges::any_of(list,
                                      [&](const refusal::v1::Clearing& clearing) {
                                        return std::ranges::find(clearing.who(), role) !=
                                               clearing.who().end();
                                      }))
          << ReasonName(reason) << ": " << type::v1::Role_Name(role) << " may send none of them";
    }
  }
}

TEST(Clearing, EveryCommandNamedIsThereOrToCome) {
  const std::set<std::string> known = CommandNames();
  std::set<std::string> unknown;
  for (const RefusalReason reason : EveryReason()) {
    for (const auto& clearing : ClearingOf(reason)) {
      if (!known.contains(clearing.command())) unknown.insert(clearing.command());
    }
  }
  EXPECT_EQ(unknown, kToCome);
}

TEST(Clearing, ATeacherIsNotToldToSetThePolicy) {
  const auto& list = ClearingOf(Reason::MAKEUP_NOT_COMPLETED);
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list[0].command(), "CompleteMakeUp");
  EXPECT_EQ(list[0].who_size(), 2);
  EXPECT_EQ(list[1].command(), "SetPolicy");
  ASSERT_EQ(list[1].who_size(), 1);
  EXPECT_EQ(list[1].who(0), type::v1::ROLE_WORK_STUDY_COORDINATOR);
}

TEST(Clearing, WhatIsNoReasonIsClearedByNothing) {
  EXPECT_TRUE(ClearingOf(static_cast<RefusalReason>(9999)).empty());
}

}  // namespace
}  // namespace jalon::domain
