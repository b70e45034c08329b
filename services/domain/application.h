// The domain as the writer runs it: finds the decide function of a command and the evolve function
// of an event, and turns what they give into bytes.
//
// Pure: the same command, moment and state give the same bytes.
// Thread safety: const after construction; any thread.
#pragma once

#include "eventstore/writer/application.h"
#include "services/domain/registry.h"

namespace jalon::domain {

class DomainApplication final : public eventstore::Application {
 public:
  DomainApplication();

  // `command` is a domain::Request. A refusal is a domain::Denied; a reply is an encoded
  // jalon.command.v1.CommandResult without position. Commands of a school that is not registered
  // are refused NOT_FOUND, alone.
  eventstore::Verdict Decide(const eventstore::Command& command, const eventstore::Moment& moment,
                             eventstore::StateView& state) const override;
  Result<void> Evolve(const log::v1::Record& record, eventstore::StateEdit& state) const override;
  Result<std::unique_ptr<eventstore::Row>> DecodeRow(std::string_view key, std::string_view bytes,
                                                     eventstore::StateView& state) const override;
  uint32_t EvolveVersion() const override;

  // The commands that it decides.
  const Commands& commands() const { return commands_; }
  const Events& events() const { return events_; }

 private:
  const Commands& commands_;
  Events events_;
};

}  // namespace jalon::domain
