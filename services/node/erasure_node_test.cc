// An erasure from end to end: two coordinators, the event, the key, and what a thief of everything
// that is left could still open.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "eventstore/vault/embedded/embedded_vault.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "services/client/admin.h"
#include "services/domain/local_date.h"
#include "services/domain/school_code.h"
#include "services/node/node_testing.h"
#include "tests/canaries/leftovers.h"

namespace jalon::node {
namespace {

using privacy::v1::GetErasureRequest;
using privacy::v1::GetErasureResponse;
using std::chrono::days;

constexpr days kAfterRetention{366 * 8};
const Bytes kJean = "jean-001";
const Bytes kNora = "nora-001";

class ErasureNodeTest : public NodeTest {
 protected:
  ErasureNodeTest() { config_.virtual_clock = true; }

  client::Client AsCoordinator(const Bytes& person_id) const {
    const auto signer = token::Signer::Load(config_.data + "/token.key", false);
    const auto now = std::chrono::duration_cast<token::Seconds>(SystemClock().Wall());
    const token::Claims claims{.principal = {.person_id = person_id,
                                             .role = type::v1::ROLE_WORK_STUDY_COORDINATOR,
                                             .school_id = school_,
                                             .company_id = {},
                                             .modules = {}},
                               .not_before = now,
                               .expires = now + token::Seconds(600)};
    return As(type::v1::ROLE_WORK_STUDY_COORDINATOR, school_).As(*(*signer)->Sign(claims, {}));
  }
  type::v1::CommandHeader HeaderNow() const {
    type::v1::CommandHeader header;
    header.set_request_id(client::NewRequestId(
        static_cast<uint64_t>((SystemClock().Wall() + ahead_).count()) / 1000));
    return header;
  }
  void Advance(Micros by) {
    ahead_ += by;
    admin::v1::AdvanceClockRequest request;
    request.set_to_time((SystemClock().Wall() + ahead_).count());
    admin::v1::AdvanceClockResponse response;
    const auto reply = client::Admin(config_.data, {}).AdvanceClock(request, &response);
    ASSERT_TRUE(reply.ok) << reply.error.message;
  }
  // A teacher for a day; the person's id.
  Bytes Hire(const std::string& given_name) {
    school::v1::GrantAccess grant;
    grant.set_role(type::v1::ROLE_TEACHER);
    grant.mutable_scope()->set_whole_school(true);
    grant.set_expires_on(domain::LocalDateOf(SystemClock().Wall() + ahead_));
    grant.mutable_identity()->mutable_clear()->set_given_name(given_name);
    grant.mutable_identity()->mutable_clear()->set_family_name("Essai");
    grant.mutable_identity()->mutable_clear()->set_external_id("id-" + given_name);
    const auto reply = AsCoordinator(kJean).Command(grant, HeaderNow());
    EXPECT_TRUE(reply.ok) << reply.error.message;
    return reply.ok ? reply.result.created(0).person_id() : Bytes();
  }
  template <typename Command>
  client::Reply About(const Bytes& coordinator, const Bytes& person_id) {
    Command command;
    command.set_person_id(person_id);
    return AsCoordinator(coordinator).Command(command, HeaderNow());
  }
  GetErasureResponse Erasure(const Bytes& person_id) {
    GetErasureRequest request;
    request.set_person_id(person_id);
    GetErasureResponse response;
    const auto reply = AsCoordinator(kJean).Query(request, &response);
    EXPECT_TRUE(reply.ok) << reply.error.message;
    return response;
  }
  void AwaitDestroyed(const Bytes& person_id) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Erasure(person_id).key() != privacy::v1::PERSON_KEY_STATE_DESTROYED) {
      ASSERT_LT(std::chrono::steady_clock::now(), patience);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  void Erase(const Bytes& person_id) {
    auto reply = About<privacy::v1::RequestErasure>(kJean, person_id);
    ASSERT_TRUE(reply.ok) << reply.error.message;
    reply = About<privacy::v1::DestroyPersonKey>(kNora, person_id);
    ASSERT_TRUE(reply.ok) << reply.error.message;
  }

  // Whether the key opens the one section in the log that is the person's. The server is stopped.
  bool OpensWhatIsOf(const Bytes& person, const eventstore::PersonKey& key) const {
    const auto sections = canaries::SectionsIn(config_.data + "/log", school_);
    EXPECT_TRUE(sections) << sections.error().message;
    const auto& theirs = sections->at(person);
    EXPECT_EQ(theirs.size(), 1U);
    return canaries::Opens(theirs.front(), school_, key.secret.View());
  }
  // The keys that a vault on these files has of them.
  std::map<Bytes, eventstore::PersonKeyPtr> KeysIn(const std::string& keys,
                                                   const std::set<Bytes>& persons) {
    std::map<Bytes, eventstore::PersonKeyPtr> held;
    const auto vault = eventstore::OpenEmbeddedVault(
        {.folder = keys, .root_key_path = config_.data + "/root.key"}, clock_);
    EXPECT_TRUE(vault) << vault.error().message;
    for (const Bytes& person : persons) {
      const auto found = (*vault)->FindPersonKey(school_, person);
      if (found && found->key != nullptr) held[person] = found->key;
    }
    return held;
  }

  const Bytes school_ = domain::SchoolIdOf("CFP-NORD");
  const SystemClock clock_;
  Micros ahead_{};
};

TEST_F(ErasureNodeTest, NoKeyThatIsLeftOpensWhatWasSealed) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);
  const Bytes ada = Hire("Ada");
  const Bytes ben = Hire("Ben");
  const Bytes eve = Hire("Eve");
  Advance(kAfterRetention);
  node_.reset();
  const std::set<Bytes> everybody = {ada, ben, eve};
  const auto before = KeysIn(config_.data + "/keys", everybody);
  ASSERT_EQ(before.size(), 3U);
  for (const auto& [person, key] : before) {
    ASSERT_TRUE(OpensWhatIsOf(person, *key)) << "there was something to open";
  }

  Restart();
  Erase(ada);
  AwaitDestroyed(ada);
  EXPECT_EQ(Erasure(ada).erased().type(), "PersonKeyDestroyed");
  EXPECT_EQ(Erasure(ada).erased_by().person_id(), kNora);
  EXPECT_EQ(Erasure(ben).key(), privacy::v1::PERSON_KEY_STATE_KEPT);
  node_.reset();
  const auto after = KeysIn(config_.data + "/keys", everybody);
  EXPECT_EQ(after.size(), 2U);
  for (const auto& [person, key] : after) {
    EXPECT_TRUE(OpensWhatIsOf(person, *key));
    EXPECT_FALSE(OpensWhatIsOf(ada, *key));
  }
  for (const char* part : {"/keys", "/keys.epochs"}) {
    for (const auto& file : fs::recursive_directory_iterator(config_.data + part)) {
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)), {});
      EXPECT_EQ(bytes.find(before.at(ada)->secret.View()), std::string::npos) << file.path();
      EXPECT_EQ(bytes.find(before.at(ada)->id), std::string::npos) << file.path();
    }
  }
}

// What counted is done, wherever the process died before: here, before the key was destroyed.
TEST_F(ErasureNodeTest, AKeyThatAnOlderCopyBringsBackIsDestroyedOnceMore) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);
  const Bytes ada = Hire("Ada");
  Hire("Ben");
  Advance(kAfterRetention);
  node_.reset();
  const auto copy = [&](const char* part, const char* to) {
    fs::copy(config_.data + part, config_.data + to, fs::copy_options::recursive);
  };
  copy("/keys", "/keys.copy");
  copy("/keys.epochs", "/epochs.copy");
  copy("/log/keys.witness", "/witness.copy");
  Restart();
  Erase(ada);
  AwaitDestroyed(ada);
  node_.reset();
  for (const char* part : {"/keys", "/keys.epochs", "/erasing", "/log/keys.witness"}) {
    fs::remove_all(config_.data + part);
  }
  fs::rename(config_.data + "/keys.copy", config_.data + "/keys");
  fs::rename(config_.data + "/epochs.copy", config_.data + "/keys.epochs");
  fs::rename(config_.data + "/witness.copy", config_.data + "/log/keys.witness");
  ASSERT_EQ(KeysIn(config_.data + "/keys", {ada}).size(), 1U) << "as if it never had been";
  Restart();
  AwaitDestroyed(ada);
}

TEST_F(ErasureNodeTest, KeysFromBeforeAnErasureAreRefusedByAStart) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);
  const Bytes ada = Hire("Ada");
  Advance(kAfterRetention);
  node_.reset();
  fs::copy(config_.data + "/keys", config_.data + "/keys.copy", fs::copy_options::recursive);
  Restart();
  Erase(ada);
  AwaitDestroyed(ada);
  node_.reset();
  fs::remove_all(config_.data + "/keys");
  fs::rename(config_.data + "/keys.copy", config_.data + "/keys");
  EXPECT_EQ(Start().error().reason, "KEYS_OLDER");
  fs::remove(config_.data + "/log/keys.witness");  // the operator takes the loss
  EXPECT_EQ(Start().error().reason, "EPOCH_KEY_MISSING");
}

}  // namespace
}  // namespace jalon::node
