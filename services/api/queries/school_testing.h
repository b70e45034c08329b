// A school whose events are made by hand and folded by the real views: what tests of queries read.
//
// The school teaches one programme, 5830/en/2026: braking 850-568 (120 h), wheels 850-573 (45 h)
// and the prescribed 850-609 (135 h). Its sequence FREINS has activities a1 (braking), a2 (wheels)
// and a5 (both), 10 h each.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jalon/catalogue/v1/definition.pb.h"
#include "jalon/log/v1/log.pb.h"
#include "jalon/school/v1/policy.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "jalon/type/v1/role.pb.h"
#include "jalon/type/v1/training.pb.h"
#include "projections/engine/memory_store.h"
#include "projections/engine/row_table.h"
#include "projections/engine/view_set.h"
#include "projections/trail/event_reader.h"
#include "services/api/queries/reader_testing.h"

namespace jalon::api {

inline const Bytes kTestSchool(16, 'S');
inline const Bytes kAda(8, 'A');
inline const Bytes kBen(8, 'B');
inline const Bytes kCohort(8, 'K');
inline const Bytes kGarage(8, 'G');
inline const Bytes kFreins(8, 'Q');
inline const Bytes kLuc(8, 'L');    // a tutor at the garage
inline const Bytes kMaude(8, 'M');  // a teacher
inline const std::string kBraking = "850-568";
inline const std::string kWheels = "850-573";
inline const std::string kPractice = "850-609";

inline Bytes StayOf(const Bytes& student, char number) { return student + Bytes(8, number); }

class TestSchool {
 public:
  TestSchool();
  ~TestSchool();

  // Records one event of its own record and folds it; returns its sequence number. `subject`
  // empty: about no person.
  uint64_t Happened(const google::protobuf::Message& event, type::v1::AggregateKind kind,
                    const Bytes& aggregate, uint32_t occurred_on);

  // The same of what a company's person, Luc, reported on a stay: an entry of the company's trail.
  uint64_t Reported(const google::protobuf::Message& event, const Bytes& stay, uint32_t occurred_on,
                    const Bytes& company = kGarage);
  // The stored bytes of its trail.
  const std::vector<std::string>& Entries(const Bytes& company = kGarage) {
    return entries_[company];
  }

  // The founding: the school, its programme, its sequence, its company.
  void Found();
  // Grants that person a role of that company; there is an end of it with `expires_on`.
  void GrantCompany(const Bytes& person, type::v1::Role role, const Bytes& company = kGarage,
                    uint32_t expires_on = 0);
  // The same over the whole school.
  void GrantSchool(const Bytes& person, type::v1::Role role, uint32_t expires_on = 0);
  void Enrol(const Bytes& student, const std::string& identity = {});
  void Assign(const Bytes& student, const Bytes& sequence = kFreins);
  // A stay from 2026-09-07 to 2026-10-30 that plans a1, a2 and a5.
  void Schedule(const Bytes& stay, uint32_t starts_on = 20260907, const Bytes& company = kGarage);
  // Everything that a start needs, before 2026-09-07.
  void Prepare(const Bytes& stay);
  void Start(const Bytes& stay, uint32_t on = 20260907);
  void Outcome(const Bytes& stay, const std::string& activity, type::v1::OutcomeKind kind);
  // Ends the stay; each activity that was not completed becomes a make-up.
  void End(const Bytes& stay, const std::vector<std::string>& missed, uint32_t on = 20261030);
  void Evaluate(const Bytes& student, const std::string& module, uint32_t attempt,
                type::v1::EvaluationResult result, uint32_t on);
  void SetPolicy(const school::v1::PolicySetting& setting, uint32_t effective_on);

  uint64_t seq() const { return seq_; }
  // An event by its place, as a query reads it.
  Result<void> Visit(const projections::EventPlace& place,
                     const std::function<Result<void>(const projections::EventView&)>& visit) const;
  TestReader Read();

 private:
  // Folds the event, completed, as the only one of its record; returns its sequence number.
  uint64_t Fold(log::v1::Event* event);

  std::unique_ptr<const projections::ViewSet> views_;
  projections::MemoryViewStore store_;
  std::vector<std::unique_ptr<projections::RowTable>> tables_;  // by view
  TestRows rows_;
  projections::EventView ViewOf(uint64_t seq) const;

  std::map<Bytes, std::vector<std::string>> entries_;
  std::vector<std::string> stored_;  // by seq, from 1
  uint64_t seq_ = 0;
  uint32_t policy_version_ = 0;
};

}  // namespace jalon::api
