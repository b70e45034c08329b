// A command is handed over only when its keys survive a crash. At each hand-over the key store is
// copied as a crash would leave it: with the copy alone, everything personal in the command opens.
// The mutant, which writes keys after the record, is caught.
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <utility>

#include "eventstore/vault/seal.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "jalon/type/v1/sealed.pb.h"
#include "services/api/door_testing.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

using eventstore::KeyFound;
using eventstore::KeyStore;
using google::protobuf::Message;

constexpr int kGrants = 5;

// Mutant: a person's key is written together with the next row, so after the record it sealed.
class WritesKeysLate final : public KeyStore {
 public:
  using PutRows = std::vector<std::pair<std::string, std::string>>;

  explicit WritesKeysLate(std::unique_ptr<KeyStore> inner) : inner_(std::move(inner)) {}

  Result<std::optional<std::string>> Get(std::string_view row) override {
    for (const auto& [late_row, value] : late_) {
      if (late_row == row) return value;
    }
    return inner_->Get(row);
  }
  Result<void> Write(const PutRows& put, const std::vector<std::string>& remove) override {
    PutRows now = std::exchange(late_, {});
    for (const auto& row : put) (row.first.starts_with('p') ? late_ : now).push_back(row);
    return now.empty() && remove.empty() ? Result<void>() : inner_->Write(now, remove);
  }
  Result<std::vector<std::string>> Rows(std::string_view first, std::string_view end) override {
    return inner_->Rows(first, end);
  }
  Result<void> EachPerson(
      const std::function<void(std::string_view, std::string_view, std::string_view,
                               std::string_view)>& each) override {
    return inner_->EachPerson(each);
  }
  Result<void> Forget(std::string_view first, std::string_view end) override {
    return inner_->Forget(first, end);
  }

 private:
  std::unique_ptr<KeyStore> inner_;
  PutRows late_;
};

class KeyOrderTest : public DoorTest {
 protected:
  explicit KeyOrderTest(const WrapStore& wrap) : DoorTest(wrap) {}
  KeyOrderTest() = default;

  // Grants access to new persons; counts what a crash at each hand-over would have left for ever
  // shut.
  void Grant() {
    school::v1::RegisterSchool school;
    school.set_code("CFP-NORD");
    school.set_name("A school");
    ASSERT_TRUE(Send(Region(), school).ok);
    const domain::Principal coordinator =
        Of(type::v1::ROLE_WORK_STUDY_COORDINATOR, domain::SchoolIdOf("CFP-NORD"));
    sink_.at_submit = [this](const domain::Request& request) { Look(request); };
    for (int i = 0; i < kGrants; ++i) {
      school::v1::GrantAccess grant;
      grant.mutable_identity()->mutable_clear()->set_family_name("Lovelace");
      grant.mutable_identity()->mutable_clear()->set_given_name("Ada");
      grant.set_role(type::v1::ROLE_TEACHER);
      grant.mutable_scope()->set_whole_school(true);
      const client::Reply reply = Send(coordinator, grant);
      ASSERT_TRUE(reply.ok) << reply.error.message;
    }
  }

  int sealed_ = 0;  // sections that were handed over
  int shut_ = 0;    // of them, those that the copy does not open

 private:
  void Look(const domain::Request& request) {
    const std::string copy = folder_ + "/copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(folder_ + "/keys", copy);
    const auto vault = eventstore::OpenEmbeddedVault({copy, folder_ + "/root.key"}, clock_);
    ASSERT_TRUE(vault.has_value()) << vault.error().message;
    Look(*request.command, request.school_id, **vault);
  }

  // Every sealed section under `message`.
  void Look(const Message& message, const Bytes& school_id, eventstore::Vault& vault) {
    if (message.GetDescriptor() == type::v1::Sealed::descriptor()) {
      ++sealed_;
      shut_ += Opens(static_cast<const type::v1::Sealed&>(message), school_id, vault) ? 0 : 1;
      return;
    }
    const auto& reflection = *message.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const auto* field : fields) {
      if (field->message_type() == nullptr || field->is_repeated()) continue;
      Look(reflection.GetMessage(message, field), school_id, vault);
    }
  }

  static bool Opens(const type::v1::Sealed& sealed, const Bytes& school_id,
                    eventstore::Vault& vault) {
    const Result<KeyFound> found = vault.FindPersonKey(school_id, sealed.subject());
    if (!found || found->state != KeyFound::State::kFound) return false;
    const eventstore::SealPlace place{.tenant = school_id,
                                      .request_id = sealed.request_id(),
                                      .path = sealed.path(),
                                      .row = sealed.row(),
                                      .subject = sealed.subject()};
    return eventstore::Open(*found->key, place,
                            {.key_id = sealed.key_id(),
                             .nonce = sealed.nonce(),
                             .ciphertext = sealed.ciphertext(),
                             .commitment = sealed.commitment()})
        .has_value();
  }
};

class LateKeysTest : public KeyOrderTest {
 protected:
  LateKeysTest()
      : KeyOrderTest([](std::unique_ptr<KeyStore> store) {
          return std::make_unique<WritesKeysLate>(std::move(store));
        }) {}
};

TEST_F(KeyOrderTest, KeysAreThereBeforeTheCommandIsHandedOver) {
  Grant();
  EXPECT_EQ(sealed_, kGrants);
  EXPECT_EQ(shut_, 0);
}

TEST_F(LateKeysTest, MutantKeyAfterRecordIsCaught) {
  Grant();
  EXPECT_EQ(sealed_, kGrants);
  EXPECT_GT(shut_, 0);
}

}  // namespace
}  // namespace jalon::api
