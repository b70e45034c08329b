#include "eventstore/vault/seal.h"

#include <gtest/gtest.h>

namespace jalon::eventstore {
namespace {

PersonKey Key() { return {.id = "key-id-1", .secret = Secret::Random()}; }

const SealPlace kPlace{.tenant = "school",
                       .request_id = "request",
                       .path = "rows.identity",
                       .row = 3,
                       .subject = "person-1"};

TEST(SealTest, OpensToWhatWasSealed) {
  const PersonKey key = Key();
  for (const std::string& clear : {std::string(), std::string("Ada"), std::string(100'000, 'x')}) {
    EXPECT_EQ(Open(key, kPlace, Seal(key, kPlace, clear)), clear);
  }
}

TEST(SealTest, SealingTwiceGivesOtherBytes) {
  const PersonKey key = Key();
  EXPECT_NE(Seal(key, kPlace, "Ada").ciphertext, Seal(key, kPlace, "Ada").ciphertext);
}

TEST(SealTest, HoldsNoClearByte) {
  const SealedBytes sealed = Seal(Key(), kPlace, "Lovelace");
  EXPECT_EQ(sealed.ciphertext.find("Lovelace"), std::string::npos);
}

TEST(SealTest, EveryFlippedBitIsCaught) {
  const PersonKey key = Key();
  const SealedBytes whole = Seal(key, kPlace, "Ada");
  for (std::string SealedBytes::* part : {&SealedBytes::key_id, &SealedBytes::nonce,
                                          &SealedBytes::ciphertext, &SealedBytes::commitment}) {
    for (size_t bit = 0; bit < (whole.*part).size() * 8; ++bit) {
      SealedBytes flipped = whole;
      (flipped.*part)[bit / 8] = static_cast<char>((flipped.*part)[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(Open(key, kPlace, flipped)) << "bit " << bit;
    }
    SealedBytes shorter = whole;
    (shorter.*part).pop_back();
    EXPECT_FALSE(Open(key, kPlace, shorter));
    (shorter.*part).clear();
    EXPECT_FALSE(Open(key, kPlace, shorter));
  }
}

TEST(SealTest, DoesNotOpenInAnotherPlace) {
  const PersonKey key = Key();
  const SealedBytes sealed = Seal(key, kPlace, "Ada");
  for (std::string_view SealPlace::* part :
       {&SealPlace::tenant, &SealPlace::request_id, &SealPlace::path, &SealPlace::subject}) {
    SealPlace other = kPlace;
    other.*part = "elsewhere";
    EXPECT_FALSE(Open(key, other, sealed));
  }
  SealPlace other_row = kPlace;
  other_row.row = 4;
  EXPECT_FALSE(Open(key, other_row, sealed));
}

TEST(SealTest, PartsOfThePlaceDoNotRunTogether) {
  const PersonKey key = Key();
  const SealedBytes sealed = Seal(key, {.tenant = "ab", .request_id = "c"}, "Ada");
  EXPECT_FALSE(Open(key, {.tenant = "a", .request_id = "bc"}, sealed));
}

TEST(SealTest, DoesNotOpenWithAnotherKey) {
  const SealedBytes sealed = Seal(Key(), kPlace, "Ada");
  EXPECT_FALSE(Open(Key(), kPlace, sealed));
}

TEST(SecretTest, IsWipedWhenMovedFrom) {
  Secret secret = Secret::Random();
  const Secret taken = std::move(secret);
  EXPECT_EQ(secret.View(), Secret().View());  // NOLINT(bugprone-use-after-move): that is the test
  EXPECT_NE(taken.View(), Secret().View());
}

}  // namespace
}  // namespace jalon::eventstore
