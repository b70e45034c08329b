// A world in which everything personal is a canary: the commands of scenarios, with every field of
// their sealed sections marked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/canaries/marking.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::canaries {

// In the code of every school: in clear, so it must be found wherever a fact of a school is.
inline constexpr std::string_view kControl = "CTRL8VZ";

class CanaryWorld final : public scenarios::World {
 public:
  // Adds to `sent` what accepted commands brought marked. It must outlive the world.
  CanaryWorld(std::unique_ptr<scenarios::World> inner, Paths* sent)
      : inner_(std::move(inner)), sent_(*sent) {}

  Result<scenarios::Answer> Send(const domain::Principal& who,
                                 const google::protobuf::Message& command,
                                 const type::v1::CommandHeader& header) override;
  Result<scenarios::Answer> Query(const domain::Principal& who,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* response) override {
    return inner_->Query(who, request, response);
  }
  Result<std::vector<log::v1::Event>> EventsOf(const scenarios::Answer& answer) override {
    return inner_->EventsOf(answer);
  }
  std::string SchoolCode(const std::string& name) const override;
  Micros Now() const override { return inner_->Now(); }
  Result<void> Advance(Micros by) override { return inner_->Advance(by); }

 private:
  const std::unique_ptr<scenarios::World> inner_;
  Paths& sent_;
};

}  // namespace jalon::canaries
