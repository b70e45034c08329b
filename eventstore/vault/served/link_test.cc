// A node and its vault: which vault is taken for it, and what happens while it is away.
#include "eventstore/vault/served/link.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>

#include "eventstore/vault/served/limits.h"
#include "eventstore/vault/served/served_testing.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using testing::ServedVault;
using testing::VaultNews;

const Bytes kSchool = "school-0123456789";
const Bytes kAda = "ada-0001";

class LinkTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Vault>> Open(VaultNews& news, const std::string& address,
                                      const std::string& node = "n1", bool in_use = false,
                                      PeerKind kind = PeerKind::kNode,
                                      const std::string& authority = "ca") {
    const std::string folder = folders_.In(node + "-" + authority);
    if (!fs::exists(folder)) folders_.Issue(kind, node, authority);
    const auto credentials = PeerCredentials::Load(folder, SystemClock());
    RemoteVaultOptions options = news.Options(address, folders_.In(node + ".witness"));
    options.in_use = in_use;
    return OpenRemoteVault(options, **credentials, clock_);
  }
  std::string Refused(const std::string& address, bool in_use = false) {
    VaultNews news;
    const auto opened = Open(news, address, "n1", in_use);
    return opened ? "" : opened.error().reason;
  }
  static Result<KeyFound> KeyOf(Vault& vault, const Bytes& person, bool create = true) {
    std::promise<Result<KeyFound>> promise;
    vault.PersonKeys(kSchool, {{person, create}}, [&](const Result<std::vector<KeyFound>>& keys) {
      promise.set_value(keys ? Result<KeyFound>((*keys)[0]) : std::unexpected(keys.error()));
    });
    return promise.get_future().get();
  }
  static std::string ReasonOf(const auto& result) {
    return result ? std::string() : result.error().reason;
  }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  testing::PeerFolders folders_{"link"};
};

TEST_F(LinkTest, ATermThatCannotBeReadIsNotTheFirst) {
  ServedVault served(folders_, clock_);
  const std::string term = folders_.In("n1.witness.term");
  fs::create_symlink(term, term);
  EXPECT_EQ(Refused(served.Address()), "VAULT_UNAVAILABLE");
  fs::remove(term);
  EXPECT_EQ(Refused(served.Address()), "");
}

TEST_F(LinkTest, WithTheVaultGoneKeysAtHandGoOnForAMinute) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  const auto vault = std::move(*Open(news, served.Address()));
  const Bytes id = KeyOf(*vault, kAda)->key->id;
  const Secret day = *vault->DayKey(20'000);
  ASSERT_TRUE(vault->LookupKeys(kSchool, 2026));
  served.Stop();
  news.Await(0);

  EXPECT_EQ(KeyOf(*vault, kAda)->key->id, id);
  EXPECT_EQ(vault->FindPersonKey(kSchool, kAda)->key->id, id);
  EXPECT_EQ(vault->DayKey(20'000)->View(), day.View());
  EXPECT_TRUE(vault->LookupKeys(kSchool, 2026));

  EXPECT_EQ(ReasonOf(KeyOf(*vault, "new-0001")), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(vault->FindPersonKey(kSchool, "new-0001")), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(vault->DayKey(20'001)), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(vault->LookupKeys(kSchool, 2027)), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(vault->DestroyPersonKey(kSchool, kAda)), "VAULT_UNAVAILABLE");
  const auto nobody = [](std::string_view, std::string_view) { return false; };
  EXPECT_EQ(ReasonOf(vault->Sweep(clock_.Wall(), nobody)), "VAULT_UNAVAILABLE");

  clock_.Advance(served::kKeysKept);
  EXPECT_EQ(ReasonOf(KeyOf(*vault, kAda)), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(vault->DayKey(20'000)), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(vault->LookupKeys(kSchool, 2026)), "VAULT_UNAVAILABLE");
}

// Or what one node seals under it no other one opens.
TEST_F(LinkTest, AllNodesGetOneKeyOfADay) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  VaultNews others;
  const auto vault = std::move(*Open(news, served.Address()));
  const auto other = std::move(*Open(others, served.Address(), "n2"));
  EXPECT_EQ(vault->DayKey(20'000)->View(), other->DayKey(20'000)->View());
}

// Also keys that are not there, which are never at hand.
TEST_F(LinkTest, ManyKeysAreOneCall) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  const auto vault = std::move(*Open(news, served.Address()));
  std::vector<Bytes> persons;
  for (int i = 1000; i < 1500; ++i) persons.push_back("per-" + std::to_string(i));
  ASSERT_TRUE(KeyOf(served.vault(), persons[7]));
  ASSERT_TRUE(KeyOf(served.vault(), persons[8]));
  const auto found = vault->FindPersonKeys(kSchool, persons);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ((*found)[7].state, KeyFound::State::kFound);
  EXPECT_EQ(served.person_keys_asked(), 1);
  const std::vector<Bytes> at_hand = {persons[8], persons[7]};
  EXPECT_EQ((*vault->FindPersonKeys(kSchool, at_hand))[0].key->id, (*found)[8].key->id);
  EXPECT_EQ(served.person_keys_asked(), 1);
}

TEST_F(LinkTest, ComesBackByItself) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  const auto vault = std::move(*Open(news, served.Address()));
  const Bytes id = KeyOf(*vault, kAda)->key->id;
  for (int i = 0; i < 3; ++i) {
    served.Stop();
    news.Await(0);
    served.Serve();
    news.Await(1);
    clock_.Advance(served::kKeysKept);
    EXPECT_EQ(KeyOf(*vault, kAda, false)->key->id, id);
    EXPECT_EQ(ReasonOf(KeyOf(*vault, "new-000" + std::to_string(i))), "");
  }
  EXPECT_FALSE(news.refused);
}

// A machine that takes connections and says nothing: one call may wait for it, and the next does
// not.
TEST_F(LinkTest, NobodyWaitsForOneThatSaysNothing) {
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(silent, 16), 0);
  ASSERT_EQ(getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  VaultNews news;
  const auto began = steady_clock::now();
  const auto vault = Open(news, "127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  ASSERT_TRUE(vault) << "a node starts without its vault";
  EXPECT_LT(steady_clock::now() - began, served::kFirstContactMax + std::chrono::seconds(2));
  const auto asked = steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(ReasonOf((*vault)->DayKey(20'000)), "VAULT_UNAVAILABLE");
  }
  EXPECT_LT(steady_clock::now() - asked, std::chrono::milliseconds(500));
  close(silent);
}

TEST_F(LinkTest, AnotherVaultIsRefused) {
  ServedVault first(folders_, clock_, "first");
  ServedVault second(folders_, clock_, "second");
  EXPECT_EQ(Refused(first.Address()), "");
  EXPECT_EQ(Refused(second.Address()), "KEYS_MISSING") << "it has not even any";
  ASSERT_TRUE(second.vault().DayKey(20'000));
  EXPECT_EQ(Refused(second.Address()), "VAULT_IS_ANOTHER");
  EXPECT_EQ(Refused(first.Address()), "");
  fs::remove(folders_.In("n1.witness"));  // accepts it
  EXPECT_EQ(Refused(second.Address()), "");
}

TEST_F(LinkTest, AnotherVaultIsRefusedWhileTheNodeRuns) {
  ServedVault served(folders_, clock_, "first");
  VaultNews news;
  const auto vault = std::move(*Open(news, served.Address()));
  ASSERT_TRUE(KeyOf(*vault, kAda));
  served.Stop();
  news.Await(0);
  served.UseKeys("second");
  served.Serve();
  ASSERT_TRUE(served.vault().DayKey(20'000));
  news.refused.wait(false);
  EXPECT_TRUE(news.why.reason == "VAULT_IS_ANOTHER" || news.why.reason == "KEYS_MISSING")
      << news.why.reason;  // as it is asked before or after it made a key
  EXPECT_EQ(ReasonOf(KeyOf(*vault, "new-0001")), "VAULT_UNAVAILABLE");
  EXPECT_EQ(served.vault().FindPersonKey(kSchool, "new-0001")->state, KeyFound::State::kUnknown);
}

// The vault itself cannot know: its witness is as old as its keys.
TEST_F(LinkTest, AnOlderCopyOfTheVaultIsRefused) {
  ServedVault served(folders_, clock_);
  const std::string folder = served.Folder();
  {
    VaultNews news;
    const auto vault = std::move(*Open(news, served.Address()));
    served.Stop();
    news.Await(0);
    fs::copy(folder, folders_.In("older"), fs::copy_options::recursive);
    served.Serve();
    news.Await(1);
    ASSERT_TRUE(KeyOf(*vault, kAda));
  }
  served.Stop();
  fs::rename(folder, folders_.In("newest"));
  fs::rename(folders_.In("older"), folder);
  served.Serve();
  EXPECT_EQ(Refused(served.Address()), "KEYS_OLDER");
  served.Stop();
  fs::remove_all(folder);
  fs::rename(folders_.In("newest"), folder);
  served.Serve();
  EXPECT_EQ(Refused(served.Address()), "");
}

TEST_F(LinkTest, AVaultWithoutKeysIsNotThatOfALogInUse) {
  ServedVault served(folders_, clock_);
  EXPECT_EQ(Refused(served.Address(), /*in_use=*/true), "KEYS_MISSING");
  EXPECT_FALSE(fs::exists(folders_.In("n1.witness"))) << "nobody is its witness";
  ASSERT_TRUE(served.vault().DayKey(20'000));
  EXPECT_EQ(Refused(served.Address(), /*in_use=*/true), "") << "keys that were a node's own";
}

// The first node claims partitions before anybody needs a key.
TEST_F(LinkTest, ANodeJoinsOneThatHasMadeNoKeyYet) {
  ServedVault served(folders_, clock_);
  EXPECT_EQ(Refused(served.Address(), /*in_use=*/false), "");
  VaultNews news;
  EXPECT_EQ(ReasonOf(Open(news, served.Address(), "n2", /*in_use=*/true)), "");
}

// Or each would sweep the keys of the other, whom its own events do not name.
TEST_F(LinkTest, AVaultHasTheKeysOfOneDeployment) {
  ServedVault served(folders_, clock_);
  EXPECT_EQ(Refused(served.Address()), "");
  VaultNews news;
  const auto credentials = PeerCredentials::Load(folders_.In("n1-ca"), SystemClock());
  RemoteVaultOptions options = news.Options(served.Address(), folders_.In("n2.witness"));
  options.deployment = Bytes(16, 'e');
  const auto other = [&] { return ReasonOf(OpenRemoteVault(options, **credentials, clock_)); };
  EXPECT_EQ(other(), "VAULT_OF_ANOTHER_DEPLOYMENT");
  served.Stop();
  served.Serve();
  EXPECT_EQ(other(), "VAULT_OF_ANOTHER_DEPLOYMENT") << "it remembers";
  EXPECT_EQ(Refused(served.Address()), "");
  options.deployment = "";
  EXPECT_EQ(other(), "VAULT_OF_ANOTHER_DEPLOYMENT") << "one has to be named";
}

TEST_F(LinkTest, OnlyAVaultIsAskedAndOnlyNodesAreServed) {
  ServedVault node(folders_, clock_, "node", PeerKind::kNode);
  EXPECT_EQ(Refused(node.Address()), "VAULT_NOT_THERE");
  ServedVault served(folders_, clock_);
  VaultNews news;
  EXPECT_EQ(ReasonOf(Open(news, served.Address(), "s1", false, PeerKind::kSigner)),
            "PEER_NOT_SERVED");
}

TEST_F(LinkTest, ANodeOfAnotherAuthorityGetsNothing) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  const auto vault = Open(news, served.Address(), "n1", false, PeerKind::kNode, "other");
  ASSERT_TRUE(vault) << "it cannot know why it is not let in";
  EXPECT_EQ(news.reachable, -1);
  EXPECT_EQ(ReasonOf(KeyOf(**vault, kAda)), "VAULT_UNAVAILABLE");
  EXPECT_EQ(served.vault().FindPersonKey(kSchool, kAda)->state, KeyFound::State::kUnknown);
}

TEST_F(LinkTest, WhatIsDestroyedElsewhereIsForgottenWithinAMinute) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  VaultNews others;
  const auto vault = std::move(*Open(news, served.Address()));
  const auto other = std::move(*Open(others, served.Address(), "n2"));
  ASSERT_TRUE(KeyOf(*vault, kAda));
  ASSERT_TRUE(KeyOf(*other, kAda));
  ASSERT_TRUE(other->DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(KeyOf(*other, kAda)->state, KeyFound::State::kDestroyed) << "here at once";
  EXPECT_EQ(KeyOf(*vault, kAda)->state, KeyFound::State::kFound);
  clock_.Advance(served::kKeysKept);
  EXPECT_EQ(KeyOf(*vault, kAda)->state, KeyFound::State::kDestroyed);
}

// Or a node whose clock is ahead would remove the key of a command that is under way.
TEST_F(LinkTest, ANodeWithAnotherClockSweepsNoYoungKey) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  const auto vault = std::move(*Open(news, served.Address()));
  ASSERT_TRUE(KeyOf(*vault, kAda));
  const auto nobody = [](std::string_view, std::string_view) { return false; };
  EXPECT_EQ(*vault->Sweep(clock_.Wall() + std::chrono::hours(24 * 365), nobody), 0U);
  clock_.Advance(kUnnamedKeysKept + Micros(1));
  EXPECT_EQ(*vault->Sweep(clock_.Wall() + std::chrono::hours(24 * 365), nobody), 1U);
}

TEST_F(LinkTest, ACallThatIsNoneIsRefused) {
  ServedVault served(folders_, clock_);
  VaultNews news;
  const auto vault = std::move(*Open(news, served.Address()));
  std::promise<std::string> reason;
  vault->PersonKeys(std::string(300, 't'), {{kAda, true}},
                    [&](const auto& keys) { reason.set_value(ReasonOf(keys)); });
  EXPECT_EQ(reason.get_future().get(), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(KeyOf(*vault, "too long a person")), "VAULT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(KeyOf(*vault, kAda)), "") << "the connection is fine";
}

}  // namespace
}  // namespace jalon::eventstore
