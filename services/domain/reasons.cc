#include "services/domain/reasons.h"

#include <google/protobuf/descriptor.h>

#include <charconv>
#include <string>

namespace jalon::domain {
namespace {

constexpr std::string_view kPrefix = "REFUSAL_REASON_";

const google::protobuf::EnumValueDescriptor* Descriptor(RefusalReason reason) {
  return refusal::v1::RefusalReason_descriptor()->FindValueByNumber(reason);
}

}  // namespace

std::string_view ReasonName(RefusalReason reason) {
  const auto* value = Descriptor(reason);
  return value == nullptr ? std::string_view()
                          : std::string_view(value->name()).substr(kPrefix.size());
}

RefusalReason ReasonNamed(std::string_view name) {
  RefusalReason reason = refusal::v1::REFUSAL_REASON_UNSPECIFIED;
  refusal::v1::RefusalReason_Parse(std::string(kPrefix).append(name), &reason);
  return reason;
}

const option::v1::ReasonOption& OptionOf(RefusalReason reason) {
  const auto* value = Descriptor(reason);
  return value == nullptr ? option::v1::ReasonOption::default_instance()
                          : value->options().GetExtension(option::v1::refusal);
}

int RuleNumber(std::string_view rule) {
  if (rule.size() < 2 || rule.front() != 'R') return 0;
  int number = 0;
  const auto [end, error] = std::from_chars(rule.data() + 1, rule.data() + rule.size(), number);
  return error == std::errc() && end == rule.data() + rule.size() && number >= 1 && number <= 23
             ? number
             : 0;
}

}  // namespace jalon::domain
