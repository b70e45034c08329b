#include "eventstore/trail/rotation.h"

#include <gtest/gtest.h>

#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

SignerKey Old(std::string name = std::string(kRotationName)) {
  return {std::move(name), KeyType::kLog, SeedFrom(1)};
}
PublicKey New() { return SignerKey("any", KeyType::kLog, SeedFrom(2)).verifier().key; }

TEST(RotationTest, TheOldKeySaysWhichOneComesAfterIt) {
  const std::string note = FormatRotation(Old(), New());
  EXPECT_EQ(OpenRotation(note, Old().verifier().key), New());
}

TEST(RotationTest, AnotherKeysNoteSaysNothing) {
  const std::string note = FormatRotation(Old(), New());
  EXPECT_EQ(OpenRotation(note, New()).error(), Flaw::kRotationOfOtherKey);
  // Signed in its name, by another key.
  std::string forged = FormatRotation(Old(), New());
  const std::string other =
      FormatRotation({std::string(kRotationName), KeyType::kLog, SeedFrom(3)}, New());
  forged = forged.substr(0, forged.find("\n\n")) + other.substr(other.find("\n\n"));
  EXPECT_EQ(OpenRotation(forged, Old().verifier().key).error(), Flaw::kNoKnownSignature);
  // A checkpoint's signature is none of a change.
  EXPECT_EQ(OpenRotation(FormatRotation(Old("d/s/c/1"), New()), Old().verifier().key).error(),
            Flaw::kNoKnownSignature);
}

TEST(RotationTest, EveryBitOfItCounts) {
  const std::string note = FormatRotation(Old(), New());
  for (size_t at = 0; at < note.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      EXPECT_FALSE(OpenRotation(changed, Old().verifier().key)) << at << "." << bit;
    }
  }
  EXPECT_FALSE(OpenRotation(note.substr(0, note.size() - 1), Old().verifier().key));
  EXPECT_FALSE(OpenRotation("", Old().verifier().key));
}

}  // namespace
}  // namespace jalon::trail
