// A world with a thief in it, who takes all that there is of the keys just before the first erasure
// of its scenario: a copy of the log, one of the key store, and what wraps it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/canaries/leftovers.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::canaries {

// What the thief has from before.
struct Loot {
  Bytes school_id;
  Bytes person_id;             // who is erased
  RawKey key;                  // the person's
  std::vector<RawKey> epochs;  // of the school, which wrap that one
};

// Where things lie, beside the server's own folder.
struct Places {
  std::string server;  // of the scenario server: data/ and data.out

  std::string data() const { return server + "/data"; }
  std::string log_before() const { return server + ".before/log"; }
  std::string keys_before() const { return server + ".before/keys"; }  // a copy of the key store
  std::string keys_after() const { return server + ".copies"; }  // which the erasure itself makes
};

class ThiefWorld final : public scenarios::World {
 public:
  // `loot` outlives the world.
  ThiefWorld(std::unique_ptr<scenarios::World> inner, Places places, Loot* loot)
      : inner_(std::move(inner)), places_(std::move(places)), loot_(*loot) {}

  // Before the first DestroyPersonKey the thief comes. Returns once the erasure is complete.
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
  std::string SchoolCode(const std::string& name) const override {
    return inner_->SchoolCode(name);
  }
  Result<Bytes> TransferKeyOf(const domain::Principal& who) override {
    return inner_->TransferKeyOf(who);
  }
  Micros Now() const override { return inner_->Now(); }
  Result<void> Advance(Micros by) override { return inner_->Advance(by); }

 private:
  Result<void> Steal(const Bytes& school_id, const Bytes& person_id);
  Result<void> AwaitComplete(const domain::Principal& who);

  const std::unique_ptr<scenarios::World> inner_;
  const Places places_;
  Loot& loot_;
};

}  // namespace jalon::canaries
