// The writer's rows as decide reads them and as evolve changes them: by type and id, within one
// school.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/archive.h"
#include "eventstore/base/ids.h"
#include "eventstore/writer/state.h"
#include "jalon/log/v1/log.pb.h"
#include "services/domain/model/company.h"
#include "services/domain/model/erasure.h"
#include "services/domain/model/keys.h"
#include "services/domain/model/person.h"
#include "services/domain/model/programme.h"
#include "services/domain/model/school.h"
#include "services/domain/model/sequence.h"
#include "services/domain/model/student.h"

namespace jalon::domain {

class Events;

// A state struct as a row.
template <typename T>
class StateRow final : public eventstore::Row {
 public:
  static std::unique_ptr<eventstore::Row> Make() { return std::make_unique<StateRow>(); }

  std::unique_ptr<eventstore::Row> Clone() const override {
    return std::make_unique<StateRow>(*this);
  }
  void Encode(std::string* bytes) const override { jalon::Encode(value, bytes); }
  size_t Weight() const override { return Weigh(value); }

  T value;
};

// The row of that kind and id, or null; it stays as it is as long as the pointer is held. `rows` is
// a StateView or a StateEdit.
template <typename T>
std::shared_ptr<const T> FindRow(auto& rows, std::string_view school_id, std::string_view id) {
  eventstore::RowPtr row = rows.Find(RowKey(school_id, T::kKind, id));
  if (row == nullptr) return nullptr;
  const T* value = &static_cast<const StateRow<T>&>(*row).value;
  return {std::move(row), value};
}

// Rows changed on top of a view that stays as it is: the rows of a bulk command are decided one
// after the other on it.
class Overlay final : public eventstore::StateView, public eventstore::StateEdit {
 public:
  explicit Overlay(eventstore::StateView& below) : below_(below) {}

  eventstore::RowPtr Find(std::string_view key) override;
  eventstore::Row& Edit(std::string_view key, std::unique_ptr<eventstore::Row> (*make)()) override;
  void Erase(std::string_view key) override;

 private:
  eventstore::StateView& below_;
  std::map<std::string, std::shared_ptr<eventstore::Row>, std::less<>> changed_;  // null: erased
};

// Reads the rows of one school.
//
// Every pointer that it returns is valid as long as the State, which holds on to each row it found,
// and shows the row as it was when it was found.
class State {
 public:
  // `view` and `events` must outlive the state; `events` evolves what Apply is given.
  State(eventstore::StateView& view, const Events& events, Bytes school_id)
      : view_(&view), events_(events), school_id_(std::move(school_id)) {}

  // The row of that kind and id, or null.
  template <typename T>
  const T* Find(std::string_view id) {
    SetRowKey(school_id_, T::kKind, id, &key_);
    eventstore::RowPtr row = view_->Find(key_);
    if (row == nullptr) return nullptr;
    const T* value = &static_cast<const StateRow<T>&>(*row).value;
    pinned_.push_back(std::move(row));
    return value;
  }

  const SchoolState* School() {
    if (school_ == nullptr) school_ = Find<SchoolState>({});
    return school_;
  }
  const PersonState* Person(std::string_view person_id) { return Find<PersonState>(person_id); }
  const ProgrammeState* Programme(const ProgrammeRef& ref) {
    return Find<ProgrammeState>(ref.Id());
  }
  const SequenceState* Sequence(std::string_view sequence_id) {
    return Find<SequenceState>(sequence_id);
  }
  const CompanyState* Company(std::string_view company_id) {
    return Find<CompanyState>(company_id);
  }
  const StudentState* Student(std::string_view student_id) {
    return Find<StudentState>(student_id);
  }
  uint64_t TrailSize(std::string_view company_id) {
    const auto* trail = Find<TrailState>(company_id);
    return trail == nullptr ? 0 : trail->size;
  }
  const ExternalIdState* ExternalId(std::string_view lookup_mac) {
    return Find<ExternalIdState>(lookup_mac);
  }

  // From now on the rows are as that event leaves them: how a row of a bulk command sees those
  // before it. `encoded` is a jalon.log.v1.Event that one decision just made.
  void Apply(std::string_view encoded, const log::v1::Actor& actor, const FactRef& place);

 private:
  eventstore::StateView* view_;
  const Events& events_;
  std::optional<Overlay> overlay_;
  Bytes school_id_;
  const SchoolState* school_ = nullptr;  // as it was last found: every rule asks for it
  std::vector<eventstore::RowPtr> pinned_;
  std::string key_;  // scratch
};

// Changes the rows of one school.
class Rows {
 public:
  Rows(eventstore::StateEdit& edit, std::string_view school_id)
      : edit_(edit), school_id_(school_id) {}

  // The row, made empty if it is not there. Valid until the next call of any kind.
  template <typename T>
  T& Edit(std::string_view id) {
    SetRowKey(school_id_, T::kKind, id, &key_);
    return static_cast<StateRow<T>&>(edit_.Edit(key_, &StateRow<T>::Make)).value;
  }

  template <typename T>
  std::shared_ptr<const T> Find(std::string_view id) {
    return FindRow<T>(edit_, school_id_, id);
  }

  template <typename T>
  void Erase(std::string_view id) {
    SetRowKey(school_id_, T::kKind, id, &key_);
    edit_.Erase(key_);
  }

  SchoolState& School() { return Edit<SchoolState>({}); }
  PersonState& Person(std::string_view person_id) { return Edit<PersonState>(person_id); }
  SequenceState& Sequence(std::string_view sequence_id) { return Edit<SequenceState>(sequence_id); }
  CompanyState& Company(std::string_view company_id) { return Edit<CompanyState>(company_id); }
  StudentState& Student(std::string_view student_id) { return Edit<StudentState>(student_id); }

 private:
  eventstore::StateEdit& edit_;
  std::string_view school_id_;
  std::string key_;  // scratch
};

}  // namespace jalon::domain
