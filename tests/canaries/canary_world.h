// A world in which everything personal is a canary: the commands of scenarios, with every field of
// their sealed sections marked.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/canaries/marking.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::canaries {

// In the code of every school: in clear, so it must be found wherever a fact of a school is.
inline constexpr std::string_view kControl = "CTRL8VZ";

class CanaryWorld final : public scenarios::World {
 public:
  // What the canaries came to. It outlives the worlds.
  struct Seen {
    Paths sent;                       // marked, in commands that were accepted
    std::vector<std::string> told;    // answers to commands, and refusals, that hold a mark
    std::set<std::string> oversized;  // types of commands that were once sent with too long a text
  };
  CanaryWorld(std::unique_ptr<scenarios::World> inner, Seen* seen)
      : inner_(std::move(inner)), seen_(*seen) {}

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
  // What a caller was told; a query's answer may hold what it was asked for.
  void Look(const std::string& what, const Result<scenarios::Answer>& answer);
  Result<void> SendOversized(const domain::Principal& who, const google::protobuf::Message& marked,
                             const type::v1::CommandHeader& header);

  const std::unique_ptr<scenarios::World> inner_;
  Seen& seen_;
};

}  // namespace jalon::canaries
