// The school that random histories take place in: few people, one programme, three sequences, one
// company. Small, so that histories often come to the corners.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "tests/properties/oracle.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::properties {

// The modules: the first two are targeted, the last one never.
inline const std::vector<std::string> kModules = {"100-044", "100-053", "100-062"};
// The one of them whose hours may be prescribed.
inline const std::string kPrescribedModule = "100-053";
// A module of no programme.
inline const std::string kForeignModule = "100-071";

// A sequence as the cast has it: which modules each activity touches.
struct CastActivity {
  std::string code;
  std::vector<std::string> objectives;
};
struct CastSequence {
  Bytes id;
  std::vector<std::string> modules;      // its targets
  std::vector<CastActivity> activities;  // of its first version
  std::string later;                     // an activity that a later version may have beside them
  catalogue::v1::DesignSequence design;  // as it was sent for the first version, without an id
  catalogue::v1::DefineActivities define;
};

// A school ready to be lived in. Everything it does goes through the world's commands, and the
// oracle hears every event.
class Cast {
 public:
  explicit Cast(scenarios::World& world);

  // Sends; an accepted command is heard by the oracle. `key`: the same key again is a retry.
  scenarios::Answer Send(const domain::Principal& who, const google::protobuf::Message& command,
                         const type::v1::CommandHeader& header = {}, std::string_view key = {});
  uint32_t Today() const;

  scenarios::World& world;
  Oracle oracle;
  domain::Principal jean;    // coordinator
  domain::Principal maude;   // teacher
  domain::Principal luc;     // tutor
  domain::Principal zoe;     // tutor
  domain::Principal sylvie;  // signatory
  std::vector<domain::Principal> students;
  std::vector<CastSequence> sequences;
  Bytes company_id;
  catalogue::v1::ProgrammeRef programme;

 private:
  // The same, where a refusal is a fault of the cast.
  scenarios::Answer Must(const domain::Principal& who, const google::protobuf::Message& command);
  domain::Principal Person(const std::string& name, type::v1::Role role, const Bytes& company);
  void AdoptProgramme();
  void AddSequence(type::v1::SequenceType type, const std::string& code,
                   const std::vector<std::string>& modules,
                   const std::vector<CastActivity>& activities);
  void AddCompany();
  void Enrol(const std::string& name, bool in_alternance);

  uint64_t requests_ = 0;
};

}  // namespace jalon::properties
