#include "services/api/queries/opener.h"

#include <gtest/gtest.h>

#include "jalon/person/v1/person.pb.h"
#include "services/api/queries/vault_testing.h"

namespace jalon::api {
namespace {

const Bytes kSchool(16, 'S');
const Bytes kAda(8, 'A');

std::string Encoded(const std::string& text) {
  person::v1::Words words;
  words.set_text(text);
  return words.SerializeAsString();
}

class OpenerTest : public testing::Test {
 protected:
  TestVault vault_;
  Opener opener_{vault_};
  person::v1::Words words_;
};

TEST_F(OpenerTest, OpensWhatWasSealed) {
  const std::string sealed = vault_.Sealed(kSchool, kAda, Encoded("on time"));
  EXPECT_EQ(opener_.Open(kSchool, sealed, &words_), Result<bool>(true));
  EXPECT_EQ(words_.text(), "on time");
}

TEST_F(OpenerTest, NothingSealedIsNothing) {
  EXPECT_EQ(opener_.Open(kSchool, "", &words_), Result<bool>(false));
}

TEST_F(OpenerTest, ADestroyedOrUnknownKeyLeavesNothingToReadAndIsNoError) {
  const std::string sealed = vault_.Sealed(kSchool, kAda, Encoded("on time"));
  ASSERT_TRUE(vault_.DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(opener_.Open(kSchool, sealed, &words_), Result<bool>(false));
  EXPECT_EQ(words_.text(), "");
  EXPECT_EQ(opener_.Open(Bytes(16, 'T'), sealed, &words_), Result<bool>(false));
}

TEST_F(OpenerTest, WhatWasChangedDoesNotOpen) {
  type::v1::Sealed sealed;
  ASSERT_TRUE(sealed.ParseFromString(vault_.Sealed(kSchool, kAda, Encoded("on time"))));
  sealed.set_row(4);  // moved to another row
  const Result<bool> opened = opener_.Open(kSchool, sealed.SerializeAsString(), &words_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kDataLoss);
  EXPECT_EQ(words_.text(), "");
  EXPECT_FALSE(opener_.Open(kSchool, "no message", &words_));
}

TEST_F(OpenerTest, KeysOutOfReachAreAnError) {
  const std::string sealed = vault_.Sealed(kSchool, kAda, Encoded("on time"));
  vault_.reachable = false;
  const Result<bool> opened = opener_.Open(kSchool, sealed, &words_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "VAULT_UNAVAILABLE");
}

}  // namespace
}  // namespace jalon::api
