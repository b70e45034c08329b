// A world in which everything personal is a canary: the commands of scenarios, with every field of
// their sealed sections marked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/canaries/marking.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::canaries {

// The queries whose answers may hold what was sealed, of whoever is not erased: no other one opens
// any section.
std::set<std::string> OpeningQueries();

// In the code of every school: in clear, so it must be found wherever a fact of a school is.
inline constexpr std::string_view kControl = "CTRL8VZ";

class CanaryWorld final : public scenarios::World {
 public:
  // What the canaries came to. It outlives the worlds.
  struct Seen {
    Paths sent;                       // marked, in commands that were accepted
    std::vector<std::string> told;    // answers that hold a mark and may not; faults
    std::set<std::string> oversized;  // types of commands that were once sent with too long a text
    std::set<std::string> opened;     // queries whose answers did hold a mark
    uint64_t worlds = 0;
    uint64_t answers = 0;    // to queries, searched
    uint64_t of_erased = 0;  // about whoever is erased, among them
  };
  CanaryWorld(std::unique_ptr<scenarios::World> inner, Seen* seen)
      : inner_(std::move(inner)), seen_(*seen) {}
  // Of every tenth world, all is asked about everybody in it.
  ~CanaryWorld() override;

  Result<scenarios::Answer> Send(const domain::Principal& who,
                                 const google::protobuf::Message& command,
                                 const type::v1::CommandHeader& header) override;
  Result<scenarios::Answer> Query(const domain::Principal& who,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* response) override;
  Result<std::vector<log::v1::Event>> EventsOf(const scenarios::Answer& answer) override {
    return inner_->EventsOf(answer);
  }
  std::string SchoolCode(const std::string& name) const override;
  Result<Bytes> TransferKeyOf(const domain::Principal& who) override {
    return inner_->TransferKeyOf(who);
  }
  Micros Now() const override { return inner_->Now(); }
  Result<void> Advance(Micros by) override { return inner_->Advance(by); }

 private:
  // What a caller was told beside a query's answer.
  void Look(const std::string& what, const Result<scenarios::Answer>& answer);
  void LookInto(const google::protobuf::Message& request,
                const google::protobuf::Message& response);
  void Note(const domain::Principal& who, const google::protobuf::Message& command,
            const command::v1::CommandResult& result);
  // Everybody in the world asks all there is to be asked about the person.
  void AskAbout(const Bytes& person_id);
  Result<void> SendOversized(const domain::Principal& who, const google::protobuf::Message& marked,
                             const type::v1::CommandHeader& header);

  const std::unique_ptr<scenarios::World> inner_;
  Seen& seen_;
  std::map<type::v1::Role, domain::Principal> callers_;  // the first one of each role
  std::set<Bytes> persons_;
  std::vector<Bytes> stays_;
  std::vector<Bytes> companies_;
  std::set<Bytes> erased_;
};

}  // namespace jalon::canaries
