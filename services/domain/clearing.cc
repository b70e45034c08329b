#include "services/domain/clearing.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <string>

#include "jalon/option/v1/method.pb.h"
#include "services/domain/reasons.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using ClearingList = google::protobuf::RepeatedPtrField<refusal::v1::Clearing>;

// Who may send each command, by its name.
const std::map<std::string, option::v1::CommandOption>& Options() {
  static const auto options = [] {
    std::map<std::string, option::v1::CommandOption> by_name;
    for (const auto* command : AllCommands().Messages()) {
      by_name[command->name()] = CommandOptionOf(*command);
    }
    return by_name;
  }();
  return options;
}

bool Allows(const std::string& command, int role) {
  const auto found = Options().find(command);
  if (found == Options().end()) return true;
  return std::ranges::find(found->second.actors(), role) != found->second.actors().end();
}

ClearingList Make(RefusalReason reason) {
  const option::v1::ReasonOption& option = OptionOf(reason);
  ClearingList list;
  for (const std::string& command : option.cleared_by()) {
    refusal::v1::Clearing& clearing = *list.Add();
    clearing.set_command(command);
    for (const int role : option.who()) {
      if (Allows(command, role)) clearing.add_who(static_cast<type::v1::Role>(role));
    }
  }
  return list;
}

}  // namespace

const ClearingList& ClearingOf(RefusalReason reason) {
  static const auto all = [] {
    std::map<int, ClearingList> by_reason;
    const auto* reasons = refusal::v1::RefusalReason_descriptor();
    for (int i = 0; i < reasons->value_count(); ++i) {
      const int number = reasons->value(i)->number();
      by_reason[number] = Make(static_cast<RefusalReason>(number));
    }
    return by_reason;
  }();
  static const ClearingList kNone;
  const auto found = all.find(reason);
  return found == all.end() ? kNone : found->second;
}

}  // namespace jalon::domain
