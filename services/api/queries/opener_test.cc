#include "services/api/queries/opener.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

#include "jalon/person/v1/person.pb.h"
#include "services/api/queries/vault_testing.h"

namespace jalon::api {
namespace {

using person::v1::Words;

const Bytes kSchool(16, 'S');
const Bytes kAda(8, 'A');

std::string Encoded(const std::string& text) {
  Words words;
  words.set_text(text);
  return words.SerializeAsString();
}

class OpenerTest : public testing::Test {
 protected:
  // Whether it opened, and to what.
  Result<bool> Open(const Bytes& school_id, std::string sealed) {
    text_.clear();
    bool opened = false;
    Sections sections;
    sections.Add<Words>(std::move(sealed), [&](Words&& words) {
      text_ = words.text();
      opened = true;
    });
    JALON_RETURN_IF_ERROR(opener_.OpenAll(school_id, sections));
    return opened;
  }

  TestVault vault_;
  Opener opener_{vault_};
  std::string text_;
};

TEST_F(OpenerTest, OpensWhatWasSealed) {
  const std::string sealed = vault_.Sealed(kSchool, kAda, Encoded("on time"));
  EXPECT_EQ(Open(kSchool, sealed), Result<bool>(true));
  EXPECT_EQ(text_, "on time");
}

TEST_F(OpenerTest, NothingSealedIsNothing) {
  EXPECT_EQ(Open(kSchool, ""), Result<bool>(false));
  EXPECT_EQ(vault_.person_keys_asked, 0u);
}

TEST_F(OpenerTest, ADestroyedOrUnknownKeyLeavesNothingToReadAndIsNoError) {
  const std::string sealed = vault_.Sealed(kSchool, kAda, Encoded("on time"));
  ASSERT_TRUE(vault_.DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(Open(kSchool, sealed), Result<bool>(false));
  EXPECT_EQ(text_, "");
  EXPECT_EQ(Open(Bytes(16, 'T'), sealed), Result<bool>(false));
}

TEST_F(OpenerTest, WhatWasChangedDoesNotOpen) {
  type::v1::Sealed sealed;
  ASSERT_TRUE(sealed.ParseFromString(vault_.Sealed(kSchool, kAda, Encoded("on time"))));
  sealed.set_row(4);  // moved to another row
  const Result<bool> opened = Open(kSchool, sealed.SerializeAsString());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kDataLoss);
  EXPECT_EQ(text_, "");
  EXPECT_FALSE(Open(kSchool, "no message"));
  EXPECT_FALSE(Open(kSchool, vault_.Sealed(kSchool, kAda, "no words"))) << "another message";
}

TEST_F(OpenerTest, KeysOutOfReachAreAnError) {
  const std::string sealed = vault_.Sealed(kSchool, kAda, Encoded("on time"));
  vault_.reachable = false;
  const Result<bool> opened = Open(kSchool, sealed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "VAULT_UNAVAILABLE");
}

// A page of 500 rows, and what one call cannot hold; each person twice, one of them erased.
TEST_F(OpenerTest, TheVaultIsAskedOnceForAllTheSectionsOfAPage) {
  for (const auto& [persons, calls] : {std::pair{500, 1}, std::pair{2500, 3}}) {
    Sections sections;
    std::vector<std::string> shown;
    std::vector<std::string> expected;
    for (int row = 0; row < 2 * persons; ++row) {
      const Bytes person = fmt::format("{:08}", row % persons);
      std::string text = std::to_string(row);
      sections.Add<Words>(vault_.Sealed(kSchool, person, Encoded(text)),
                          [&](Words&& words) { shown.push_back(words.text()); });
      if (row % persons != 3) expected.push_back(std::move(text));
    }
    ASSERT_TRUE(vault_.DestroyPersonKey(kSchool, "00000003"));
    vault_.person_keys_asked = 0;
    const Result<void> opened = opener_.OpenAll(kSchool, sections);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(vault_.person_keys_asked, static_cast<uint32_t>(calls));
    EXPECT_EQ(shown, expected);
  }
}

}  // namespace
}  // namespace jalon::api
