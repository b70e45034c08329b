#include "tests/scenarios/runner/stage.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>

#include "eventstore/base/hash.h"

namespace jalon::scenarios {
namespace {

bool IsUnknown(const std::string& name) { return name.starts_with("unknown"); }

// An id of the right length that nobody has.
Bytes UnknownId(Named kind) {
  return Bytes(kind == Named::kStay || kind == Named::kSchool ? 16 : 8, '?');
}

}  // namespace

void Stage::Name(Named kind, const std::string& name, const Bytes& id) {
  const auto [entry, is_new] = names_.try_emplace({kind, name}, id);
  if (!is_new && entry->second != id) throw StepFailed{fmt::format("'{}' is taken", name)};
}

Bytes Stage::Id(Named kind, const std::string& name) const {
  if (IsUnknown(name)) return UnknownId(kind);
  const auto found = names_.find({kind, name});
  if (found == names_.end()) throw StepFailed{fmt::format("nothing is named '{}'", name)};
  return found->second;
}

bool Stage::Knows(Named kind, const std::string& name) const {
  return IsUnknown(name) || names_.contains({kind, name});
}

std::vector<std::string> Stage::Spellings(const std::string& name) const {
  const size_t slash = std::min(name.find('/'), name.size());
  std::vector<std::string> spellings = {name};
  for (const auto& [key, id] : names_) {
    if (key.second == name.substr(0, slash)) spellings.push_back(ToHex(id) + name.substr(slash));
  }
  return spellings;
}

void Stage::AddCaller(const std::string& name, const domain::Principal& principal) {
  callers_.emplace_back(name, principal);
}

void Stage::ReplaceCaller(const std::string& name, const domain::Principal& principal) {
  std::erase_if(callers_, [&](const auto& caller) {
    return caller.first == name && caller.second.role == principal.role;
  });
  AddCaller(name, principal);
}

const domain::Principal& Stage::Caller(const std::string& name, const std::string& role) const {
  for (const auto& [known, principal] : callers_) {
    if (known == name && (role.empty() || RoleNamed(role) == principal.role)) return principal;
  }
  throw StepFailed{fmt::format("nobody is named '{}'{}", name, role.empty() ? "" : " as " + role)};
}

Bytes Stage::RequestId(const std::string& label) {
  const auto found = request_ids_.find(label);
  if (!label.empty() && found != request_ids_.end()) return found->second;
  const auto millis = static_cast<uint64_t>(world_.Now().count() / 1000);
  const uint64_t number = ++request_count_;
  Bytes id(16, '\0');
  for (int i = 0; i < 6; ++i) id[i] = static_cast<char>(millis >> (40 - 8 * i));
  id[6] = 0x70;
  id[8] = static_cast<char>(0x80);
  for (int i = 0; i < 7; ++i) id[9 + i] = static_cast<char>(number >> (48 - 8 * i));
  if (!label.empty()) request_ids_[label] = id;
  return id;
}

const Answer& Stage::Send(const domain::Principal& who, const google::protobuf::Message& command,
                          const type::v1::CommandHeader& header) {
  Result<Answer> answer = world_.Send(who, command, header);
  if (!answer) throw StepFailed{answer.error().message};
  last_ = std::move(*answer);
  last_command_ = command.GetDescriptor()->name();
  last_role_ = who.role;
  if (last_->accepted) {
    const auto [first, is_new] = first_answers_.try_emplace(header.request_id(), *last_);
    if (is_new) accepted_.push_back(&first->second);
  }
  return *last_;
}

const Answer& Stage::last() const {
  if (!last_) throw StepFailed{"nothing was asked yet"};
  return *last_;
}

bool Stage::WasOutOfScope() const {
  if (last_role_ != type::v1::ROLE_TEACHER) return false;
  const std::string unknown = ToHex(UnknownId(Named::kPerson));
  return std::ranges::any_of(last().refusal.refusals(), [&](const auto& refusal) {
    return refusal.reason() == domain::Reason::NOT_FOUND && !refusal.subjects().empty() &&
           std::ranges::none_of(refusal.subjects(), [&](const std::string& subject) {
             return subject.find(unknown) != subject.npos;  // after its row
           });
  });
}

const Answer& Stage::First(const std::string& label) const {
  const auto id = request_ids_.find(label);
  const auto found =
      id == request_ids_.end() ? first_answers_.end() : first_answers_.find(id->second);
  if (found == first_answers_.end()) {
    throw StepFailed{fmt::format("request {} was never accepted", label)};
  }
  return found->second;
}

type::v1::Role RoleNamed(std::string_view name) {
  static const std::map<std::string_view, type::v1::Role> roles = {
      {"coordinator", type::v1::ROLE_WORK_STUDY_COORDINATOR},
      {"teacher", type::v1::ROLE_TEACHER},
      {"tutor", type::v1::ROLE_WORKPLACE_TUTOR},
      {"signatory", type::v1::ROLE_COMPANY_SIGNATORY},
      {"student", type::v1::ROLE_STUDENT},
      {"guardian", type::v1::ROLE_GUARDIAN},
      {"auditor", type::v1::ROLE_AUDITOR},
      {"analyst", type::v1::ROLE_ANALYST},
      {"region", type::v1::ROLE_REGION_COORDINATOR},
  };
  const auto found = roles.find(name);
  if (found == roles.end()) throw StepFailed{fmt::format("'{}' is no role", name)};
  return found->second;
}

uint32_t NumberNamed(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw StepFailed{fmt::format("'{}' is no number", text)};
  }
  return number;
}

domain::LocalDate DateNamed(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    throw StepFailed{fmt::format("'{}' is no date such as 2026-09-01", text)};
  }
  return NumberNamed(text.substr(0, 4)) * 10000 + NumberNamed(text.substr(5, 2)) * 100 +
         NumberNamed(text.substr(8));
}

uint32_t MinutesNamed(std::string_view number, std::string_view unit) {
  if (unit == "h") return NumberNamed(number) * 60;
  if (unit == "min") return NumberNamed(number);
  throw StepFailed{fmt::format("'{}' is no unit: write h or min", unit)};
}

}  // namespace jalon::scenarios
