#include "services/api/queries/page.h"

#include <gtest/gtest.h>

#include "jalon/duty/v1/duty_service.pb.h"
#include "services/api/queries/reader_testing.h"
#include "services/api/queries/vault_testing.h"

namespace jalon::api {
namespace {

using Request = duty::v1::ListMakeUpsRequest;

class PageTest : public testing::Test {
 protected:
  PageTest() { principal_.role = type::v1::ROLE_WORK_STUDY_COORDINATOR; }

  QueryContext Context(const Reader& reader) {
    return {.principal = principal_,
            .scope = scope_,
            .school_id = Bytes(16, 'S'),
            .reader = &reader,
            .opener = opener_,
            .pages = tokens_,
            .definitions = definitions_,
            .trails = trails_};
  }
  // The keys of one page over "a" to "j", of which `matching` match, and how it goes on.
  std::string Read(const Request& request, std::string_view matching, std::string* next) {
    Result<Page> page = Page::Of(request, Context(reader_), 1);
    if (!page) return page.error().reason;
    std::string keys;
    for (char key = 'a'; key <= 'j'; ++key) {
      if (!page->after().empty() && key <= page->after().front()) continue;
      if (!page->Reads({&key, 1})) break;
      if (matching.find(key) == std::string_view::npos) continue;
      page->Take();
      keys += key;
    }
    type::v1::PageInfo info;
    page->Finish(&info);
    *next = info.next_page_token();
    return keys;
  }

  domain::Principal principal_;
  domain::Scope scope_{principal_, {}, 0};
  TestVault vault_;
  Opener opener_{vault_};
  ManualClock clock_{std::chrono::days(20'000)};
  PageTokens tokens_{vault_, clock_};
  Definitions definitions_;
  TrailNames trails_;
  TestReader reader_{{}, TestAsOf(7)};
  std::string next_;
};

TEST_F(PageTest, PagesJoinToTheWholeList) {
  Request request;
  request.mutable_page()->set_page_size(2);
  EXPECT_EQ(Read(request, "bdefj", &next_), "bd");
  request.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Read(request, "bdefj", &next_), "ef");
  request.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Read(request, "bdefj", &next_), "j");
  EXPECT_EQ(next_, "");
}

TEST_F(PageTest, SizeHasADefaultAndAMost) {
  Request request;
  EXPECT_EQ(Page::Of(request, Context(reader_), 1)->size(), kPageSizeDefault);
  request.mutable_page()->set_page_size(kPageSizeMax + 1);
  EXPECT_EQ(Page::Of(request, Context(reader_), 1)->size(), kPageSizeMax);
}

TEST_F(PageTest, OnePageReadsSoMuchAndNoMore) {
  Result<Page> page = Page::Of(Request(), Context(reader_), 1);
  for (uint32_t i = 0; i < kRowsPerPageMax; ++i) ASSERT_TRUE(page->Reads("key"));
  EXPECT_FALSE(page->Reads("another"));
  type::v1::PageInfo info;
  page->Finish(&info);
  EXPECT_EQ((*tokens_.Open(info.next_page_token()))->after, "key");
}

TEST_F(PageTest, ATokenIsGoodForItsListOnly) {
  Request request;
  request.mutable_page()->set_page_size(1);
  Read(request, "abc", &next_);
  request.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Read(request, "abc", &next_), "b");

  const std::string wrong = "PAGE_TOKEN_INVALID";
  Request other = request;
  other.set_module("850-568");  // other arguments
  EXPECT_EQ(Read(other, "abc", &next_), wrong);
  EXPECT_EQ(Page::Of(request, Context(reader_), 2).error().reason, wrong);  // another layout
  const TestReader restored({}, TestAsOf(7, std::string(16, 'M')));
  EXPECT_EQ(Page::Of(request, Context(restored), 1).error().reason, wrong);
  principal_.person_id = Bytes(8, 'x');  // another caller
  EXPECT_EQ(Read(request, "abc", &next_), wrong);
  principal_.person_id.clear();
  for (size_t i = 0; i < request.page().page_token().size(); ++i) {
    Request flipped = request;
    (*flipped.mutable_page()->mutable_page_token())[i] ^= 1;
    ASSERT_EQ(Read(flipped, "abc", &next_), wrong) << i;
  }
}

TEST_F(PageTest, AListNeverGoesBack) {
  Request request;
  request.mutable_page()->set_page_size(1);
  Read(request, "abc", &next_);
  request.mutable_page()->set_page_token(next_);
  const TestReader behind({}, TestAsOf(6));
  EXPECT_EQ(Page::Of(request, Context(behind), 1).error().reason, "VIEW_BEHIND");
  const TestReader ahead({}, TestAsOf(8));
  EXPECT_TRUE(Page::Of(request, Context(ahead), 1));
}

}  // namespace
}  // namespace jalon::api
