// Whom the command line asks over HTTP, and whom it does not.
#include "services/cli/http.h"

#include <gtest/gtest.h>

namespace jalon::cli {
namespace {

Result<HttpAnswer> Ask(const std::string& prefix, Language language) {
  return Post({.prefix = prefix, .path = "add-checkpoint", .body = "old 0\n", .certificates = {}},
              language);
}

std::string ReasonOf(const std::string& prefix) {
  const auto answer = Ask(prefix, Language::kEnglish);
  return answer ? "" : answer.error().reason;
}

TEST(HttpTest, OnlyThisMachineIsAskedWithoutTls) {
  for (const char* prefix :
       {"http://witness.example", "http://127.witness.example", "http://127.0.0.1@witness.example/",
        "http://localhost.witness.example/", "http://witness.example:8080/"}) {
    EXPECT_EQ(ReasonOf(prefix), "URL_NOT_ALLOWED") << prefix;
  }
}

TEST(HttpTest, APrefixIsAnAddressAndNothingElse) {
  for (const char* prefix :
       {"", "witness.example", "ftp://127.0.0.1/", "file:///etc/passwd", "https://user@127.0.0.1/",
        "https://user:word@127.0.0.1/", "https://127.0.0.1/?q", "https://127.0.0.1/#f"}) {
    EXPECT_EQ(ReasonOf(prefix), "URL_NOT_ALLOWED") << prefix;
  }
}

TEST(HttpTest, WhoDoesNotAnswerIsNamedWithWhatToDo) {
  for (const char* prefix :
       {"http://127.0.0.1:1", "http://localhost:1/w/", "https://127.0.0.1:1"}) {
    EXPECT_EQ(ReasonOf(prefix), "NOT_REACHED") << prefix;
  }
  const auto answer = Ask("http://127.0.0.1:1", Language::kFrench);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("réessayez"), std::string::npos) << answer.error().message;
}

}  // namespace
}  // namespace jalon::cli
