// A command is handed over only when its keys survive a crash. At each hand-over the key store is
// copied as a crash would leave it: with the copy alone, everything personal in the command opens.
// The mutant, which writes keys after the record, is caught.
#include <gtest/gtest.h>

#include <utility>

#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/api/door_testing.h"
#include "services/api/sealed_testing.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

using eventstore::KeyStore;

constexpr uint64_t kGrants = 5;

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
  Result<void> WriteAs(const eventstore::KeyMark& mark, const PutRows& put,
                       const std::vector<std::string>& remove) override {
    return inner_->WriteAs(mark, put, remove);
  }
  Result<void> EachRow(
      std::string_view first,
      const std::function<bool(std::string_view, std::string_view)>& each) override {
    return inner_->EachRow(first, each);
  }
  eventstore::KeyMark Mark() override { return inner_->Mark(); }
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
    for (uint64_t i = 0; i < kGrants; ++i) {
      school::v1::GrantAccess grant;
      grant.mutable_identity()->mutable_clear()->set_family_name("Lovelace");
      grant.mutable_identity()->mutable_clear()->set_given_name("Ada");
      grant.set_role(type::v1::ROLE_TEACHER);
      grant.mutable_scope()->set_whole_school(true);
      const client::Reply reply = Send(coordinator, grant);
      ASSERT_TRUE(reply.ok) << reply.error.message;
    }
  }

  SealedCount handed_over_;  // `shut`: by the copy of that moment

 private:
  void Look(const domain::Request& request) {
    const std::string copy = folder_ + "/copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(folder_ + "/keys", copy);
    const auto vault =
        eventstore::OpenEmbeddedVault({.folder = copy,
                                       .root_key_path = folder_ + "/root.key",
                                       .epochs_folder = eventstore::EpochsOf(folder_ + "/keys")},
                                      clock_);
    ASSERT_TRUE(vault.has_value()) << vault.error().message;
    CountSealed(*request.command, request.school_id, **vault, &handed_over_);
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
  EXPECT_EQ(handed_over_.sections, kGrants);
  EXPECT_EQ(handed_over_.shut, 0);
}

TEST_F(LateKeysTest, MutantKeyAfterRecordIsCaught) {
  Grant();
  EXPECT_EQ(handed_over_.sections, kGrants);
  EXPECT_GT(handed_over_.shut, 0);
}

}  // namespace
}  // namespace jalon::api
