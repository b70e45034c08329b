#include "services/api/queries/page.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "eventstore/base/hash.h"

namespace jalon::api {
namespace {

std::string Deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// Which list it is: a token of another one does not count.
Hash ListOf(const google::protobuf::Message& arguments, const QueryContext& context,
            uint32_t view_version) {
  const domain::Principal& caller = context.principal;
  // Ids and numbers have fixed lengths or stand last, so that no two lists give the same bytes.
  return Sha256({fmt::format("{}/{}/{}/{}/", arguments.GetDescriptor()->full_name(), view_version,
                             static_cast<int>(caller.role), ToHex(caller.person_id)),
                 ToHex(caller.company_id), "/", ToHex(context.school_id), "/",
                 Deterministic(arguments)});
}

std::unexpected<Error> NotOfThisList() {
  return Fail(Code::kInvalidArgument, "PAGE_TOKEN_INVALID",
              "the page token is not one of this list: pass next_page_token as it came, with the "
              "same arguments, or none to start again");
}

// Of an answer by another node, or by this one before it started again.
std::unexpected<Error> Behind(uint64_t here, uint64_t before) {
  Error error{Code::kUnavailable,
              "VIEW_BEHIND",
              fmt::format("the views here are at position {}, behind the page before, at {}; try "
                          "again",
                          here, before),
              {{"as_of_seq", std::to_string(here)}, {"min_seq", std::to_string(before)}}};
  return std::unexpected(std::move(error));
}

}  // namespace

Result<Page> Page::Open(const google::protobuf::Message& arguments,
                        const type::v1::PageRequest& page, const QueryContext& context,
                        uint32_t view_version) {
  const uint32_t size =
      page.page_size() == 0 ? kPageSizeDefault : std::min(page.page_size(), kPageSizeMax);
  const type::v1::Position& now = context.rows().as_of().position();
  PagePlace place{.list = ListOf(arguments, context, view_version),
                  .log_incarnation = now.log_incarnation(),
                  .seq = now.seq(),
                  .after = {}};
  if (!page.page_token().empty()) {
    JALON_ASSIGN_OR_RETURN(std::optional<PagePlace> before,
                           context.pages.Open(page.page_token()));
    if (!before || before->list != place.list || before->log_incarnation != place.log_incarnation) {
      return NotOfThisList();
    }
    if (before->seq > place.seq) {
      return Behind(place.seq, before->seq);
    }
    place.after = std::move(before->after);
  }
  return Page(std::move(place), size, context.pages);
}

bool Page::Reads(std::string_view key) {
  more_ = taken_ >= size_ || read_ == kRowsPerPageMax;
  if (more_) return false;
  ++read_;
  last_ = key;
  return true;
}

void Page::Finish(type::v1::PageInfo* info) const {
  if (!more_) return;
  PagePlace next = place_;
  next.after = last_;
  info->set_next_page_token(tokens_->Seal(next));
}

}  // namespace jalon::api
