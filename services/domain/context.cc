#include "services/domain/context.h"

#include <string>

#include "eventstore/base/hash.h"
#include "jalon/type/v1/actor.pb.h"

namespace jalon::domain {

Context::Context(const Request& request, const eventstore::Moment& moment)
    : request_(request),
      moment_(moment),
      actor_(ActorOf(request)),
      today_(LocalDateOf(moment.recorded_at)) {}

Bytes Context::NewId(std::string_view name, uint64_t number) const {
  const Hash hash = Mac(request_.id_seed, {name, "/", std::to_string(number)});
  return Bytes(View(hash).substr(0, 8));
}

log::v1::Actor ActorOf(const Request& request) {
  const bool transcribed = request.header->has_on_behalf_of();
  log::v1::Actor actor;
  actor.set_person(request.principal.person_id);
  actor.set_role(static_cast<uint32_t>(request.principal.role));
  actor.set_origin(transcribed ? type::v1::ORIGIN_TRANSCRIBED : type::v1::ORIGIN_DIRECT);
  if (transcribed) actor.set_on_behalf_of(request.header->on_behalf_of().SerializeAsString());
  return actor;
}

}  // namespace jalon::domain
