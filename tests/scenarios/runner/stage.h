// What a scenario has named so far, who may act in it, and the last answer: what steps work with.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "jalon/person/v1/transfer.pb.h"
#include "services/domain/local_date.h"
#include "services/domain/reason.h"
#include "tests/scenarios/runner/script.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::scenarios {

// What a name may stand for. A student, a tutor and a teacher are persons.
enum class Named { kPerson, kCompany, kSequence, kStay, kCohort, kGroup, kSession, kSchool };

// A step that cannot go on; its text says why, and the runner adds the place.
struct StepFailed {
  std::string why;
};

// What a `then` block says of the refusal before it.
struct ExpectedRefusals {
  std::set<domain::RefusalReason> named;
  bool any = false;
};

class Stage {
 public:
  explicit Stage(World& world) : world_(world) {}

  World& world() { return world_; }
  domain::LocalDate Today() const { return domain::LocalDateOf(world_.Now()); }

  // ---- Names. Each throws StepFailed if the name is not known, or is taken. A name that begins
  // with "unknown" is an id that nobody has. ----

  void Name(Named kind, const std::string& name, const Bytes& id);
  Bytes Id(Named kind, const std::string& name) const;
  bool Knows(Named kind, const std::string& name) const;
  // The name itself, and in hexadecimal each id that it stands for, whatever its kind; "s1/a3" is
  // the activity a3 of s1.
  std::vector<std::string> Spellings(const std::string& name) const;

  // ---- Who acts. ----

  void AddCaller(const std::string& name, const domain::Principal& principal);
  // The same, in place of what the name was in that role.
  void ReplaceCaller(const std::string& name, const domain::Principal& principal);
  // The caller of that name in that role ("teacher"); without a role, in the first one.
  const domain::Principal& Caller(const std::string& name, const std::string& role = {}) const;
  const Bytes& school_id() const { return school_id_; }
  void EnterSchool(const Bytes& school_id) { school_id_ = school_id; }

  // ---- Commands. ----

  // 16 bytes, UUIDv7: new, or the one that `label` stands for.
  Bytes RequestId(const std::string& label);
  // Sends and remembers the answer.
  const Answer& Send(const domain::Principal& who, const google::protobuf::Message& command,
                     const type::v1::CommandHeader& header);
  const Answer& last() const;
  // The answer before the last one, to compare a repeat with.
  const Answer& First(const std::string& label) const;
  // Every answer that accepted a command, a repeat's left out, in the order of sending.
  const std::vector<const Answer*>& Accepted() const { return accepted_; }
  // The command of the last answer ("DesignSequence").
  const std::string& last_command() const { return last_command_; }
  // A teacher's last command was refused NOT_FOUND, though each thing that it names is there.
  bool WasOutOfScope() const;

  // By the name of the person: what was granted last.
  std::map<std::string, Bytes> last_grants;
  // By the name of the transfer: what the other school issued, to be brought again.
  std::map<std::string, person::v1::IssuedTransfer> issued;

  ExpectedRefusals expected;
  // What `then` steps found in the answers of queries, by the query's name: for the coverage table.
  std::set<std::pair<std::string, domain::RefusalReason>> shown;

 private:
  World& world_;
  std::map<std::pair<Named, std::string>, Bytes> names_;
  std::vector<std::pair<std::string, domain::Principal>> callers_;
  Bytes school_id_;
  std::map<std::string, Bytes> request_ids_;
  std::map<Bytes, Answer> first_answers_;
  std::vector<const Answer*> accepted_;  // of first_answers_
  uint64_t request_count_ = 0;
  std::optional<Answer> last_;
  std::string last_command_;
  type::v1::Role last_role_ = type::v1::ROLE_UNSPECIFIED;
};

// The school's id for roles, as scenarios write them.
type::v1::Role RoleNamed(std::string_view name);
// "2026-09-01" as 20260901.
domain::LocalDate DateNamed(std::string_view text);
// "4 h", "90 min" are written as two words: the number and the unit, in minutes.
uint32_t MinutesNamed(std::string_view number, std::string_view unit);
uint32_t NumberNamed(std::string_view text);

}  // namespace jalon::scenarios
