#include "services/domain/policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "eventstore/base/check.h"

namespace jalon::domain {
namespace {

bool HasDigit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return '0' <= c && c <= '9'; });
}

// A scale is words: none is empty, said twice or holds a digit (R20).
bool IsScale(const school::v1::WordList& list) {
  for (int i = 0; i < list.words_size(); ++i) {
    const std::string& word = list.words(i);
    if (word.empty() || HasDigit(word)) return false;
    if (std::count(list.words().begin(), list.words().end(), word) > 1) return false;
  }
  return list.words_size() > 0;
}

bool IsCalendar(const school::v1::DateList& list) {
  return std::ranges::all_of(list.dates(), IsDate) && std::ranges::is_sorted(list.dates());
}

}  // namespace

const PolicyRow& RowOf(PolicyKey key) {
  const auto table = PolicyTable();
  const auto found = std::ranges::find(table, key, &PolicyRow::key);
  JALON_CHECK(found != table.end());
  return *found;
}

const PolicyRow* FindPolicyRow(std::string_view name) {
  const auto table = PolicyTable();
  const auto found = std::ranges::find(table, name, &PolicyRow::name);
  return found == table.end() ? nullptr : &*found;
}

school::v1::PolicySetting DefaultSetting(const PolicyRow& row) {
  school::v1::PolicySetting setting;
  setting.set_key(std::string(row.name));
  switch (row.kind) {
    case PolicyKind::kChoice:
      setting.set_choice(std::string(row.choices.front()));
      break;
    case PolicyKind::kNumber:
      setting.set_number(row.number);
      break;
    case PolicyKind::kWords:
      for (const auto word : row.choices) setting.mutable_words()->add_words(std::string(word));
      break;
    case PolicyKind::kDates:
      setting.mutable_dates();
      break;
  }
  return setting;
}

std::string AllowedValues(const PolicyRow& row) {
  switch (row.kind) {
    case PolicyKind::kChoice:
      return fmt::format("{}", fmt::join(row.choices, " | "));
    case PolicyKind::kNumber:
      return fmt::format("{}..{}", row.least, row.most);
    case PolicyKind::kWords:
    case PolicyKind::kDates:
      break;
  }
  return {};
}

bool IsAllowed(const PolicyRow& row, const school::v1::PolicySetting& setting) {
  switch (row.kind) {
    case PolicyKind::kChoice:
      return setting.has_choice() &&
             std::ranges::find(row.choices, setting.choice()) != row.choices.end();
    case PolicyKind::kNumber:
      return setting.has_number() && row.least <= setting.number() && setting.number() <= row.most;
    case PolicyKind::kWords:
      return setting.has_words() && IsScale(setting.words());
    case PolicyKind::kDates:
      return setting.has_dates() && IsCalendar(setting.dates());
  }
  return false;
}

const PolicyEntry* Policy::Find(PolicyKey key) const {
  const std::string_view name = RowOf(key).name;
  const PolicyEntry* newest = nullptr;
  for (const PolicyEntry& entry : school_.policy) {
    if (entry.key != name || entry.effective_on > on_) continue;
    if (newest == nullptr || entry.effective_on >= newest->effective_on) newest = &entry;
  }
  return newest;
}

school::v1::PolicySetting Policy::Setting(PolicyKey key) const {
  const PolicyEntry* entry = Find(key);
  if (entry == nullptr) return DefaultSetting(RowOf(key));
  school::v1::PolicySetting setting;
  JALON_CHECK(setting.ParseFromString(entry->setting));
  return setting;
}

// Commands ask these two all the time, mostly of schools that keep the default: no message then.
bool Policy::Is(PolicyKey key, std::string_view choice) const {
  return Find(key) == nullptr ? RowOf(key).choices.front() == choice
                              : Setting(key).choice() == choice;
}

uint64_t Policy::Number(PolicyKey key) const {
  return Find(key) == nullptr ? RowOf(key).number : Setting(key).number();
}

std::vector<std::string> Policy::Words(PolicyKey key) const {
  const school::v1::PolicySetting setting = Setting(key);
  return {setting.words().words().begin(), setting.words().words().end()};
}

bool Policy::IsClosed(LocalDate date) const {
  const school::v1::PolicySetting setting = Setting(PolicyKey::kCalendar);
  return std::ranges::binary_search(setting.dates().dates(), date);
}

uint32_t Policy::Version() const {
  uint32_t version = 0;
  for (const PolicyEntry& entry : school_.policy) {
    if (entry.effective_on <= on_) version = std::max(version, entry.policy_version);
  }
  return version;
}

FactRef Policy::Fact(PolicyKey key) const {
  const PolicyEntry* entry = Find(key);
  return entry == nullptr ? FactRef{} : entry->fact;
}

}  // namespace jalon::domain
