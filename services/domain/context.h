// All that a decision knows beside the command and the state: who, when, and ids to come.
#pragma once

#include <cstdint>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "services/domain/local_date.h"
#include "services/domain/request.h"

namespace jalon::domain {

class Context {
 public:
  // `request` must outlive the context.
  Context(const Request& request, const eventstore::Moment& moment);

  const Principal& principal() const { return request_.principal; }
  const type::v1::CommandHeader& header() const { return *request_.header; }
  const Bytes& school_id() const { return request_.school_id; }
  // Who acts, as records carry it.
  const log::v1::Actor& actor() const { return actor_; }
  // What the door saw in clear sections that only it can read.
  const Seen& seen() const { return request_.seen; }
  Micros now() const { return moment_.recorded_at; }
  LocalDate today() const { return today_; }
  // The record that the command becomes if it is accepted.
  Seq seq() const { return moment_.seq; }

  // A day that a command may leave out: today then.
  LocalDate OrToday(LocalDate date) const { return date == 0 ? today_ : date; }

  // The school keys in the act of somebody else.
  bool IsTranscribed() const { return header().has_on_behalf_of(); }
  // The person whose act this is: who sent it, or on whose behalf.
  const Bytes& ActingPerson() const {
    return IsTranscribed() ? header().on_behalf_of().person_id() : principal().person_id;
  }
  // It is the act of a company's person, direct or keyed in by the school.
  bool IsActOfCompany() const { return principal().IsCompany() || IsTranscribed(); }
  bool IsCoordinator() const { return principal().role == type::v1::ROLE_WORK_STUDY_COORDINATOR; }

  // 8 bytes that nobody else has: derived from the request's seed, the same for the same name. Give
  // each thing that one command creates a name of its own: NewId("sequence"), NewId("session", 3).
  Bytes NewId(std::string_view name, uint64_t number = 0) const;

 private:
  const Request& request_;
  eventstore::Moment moment_;
  log::v1::Actor actor_;
  LocalDate today_;
};

// The actor of the request, as records and events carry it: the door puts it into the submission.
log::v1::Actor ActorOf(const Request& request);

}  // namespace jalon::domain
