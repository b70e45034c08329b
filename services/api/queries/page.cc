#include "services/api/queries/page.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "eventstore/base/hash.h"

namespace jalon::api {
namespace {

constexpr size_t kPartitionBytes = 4;

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
Hash ListOf(const google::protobuf::Message& arguments, const domain::Principal& caller,
            const Bytes& school_id, uint32_t view_version) {
  // Ids and numbers have fixed lengths or stand last, so that no two lists give the same bytes.
  return Sha256({fmt::format("{}/{}/{}/{}/", arguments.GetDescriptor()->full_name(), view_version,
                             static_cast<int>(caller.role), ToHex(caller.person_id)),
                 ToHex(caller.company_id), "/", ToHex(school_id), "/", Deterministic(arguments)});
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

Page::Whose Page::WhoseOf(const QueryContext& context) {
  const type::v1::Position& now = context.rows().as_of().position();
  return {.principal = context.principal,
          .school_id = context.school_id,
          .tokens = context.pages,
          .log_incarnation = now.log_incarnation(),
          .seq_at = [seq = now.seq()](std::string_view) { return seq; }};
}

Page::Whose Page::WhoseOf(const RegionContext& context) {
  return {.principal = context.principal,
          .school_id = {},
          .tokens = context.pages,
          .log_incarnation = context.region.LogIncarnation(),
          .seq_at = [&region = context.region](std::string_view after) -> std::optional<uint64_t> {
            const Reader* reader = region.Find(PlaceIn(after).first);
            if (reader == nullptr) return std::nullopt;
            return reader->as_of().position().seq();
          }};
}

std::string Page::KeyIn(uint32_t partition, std::string_view key) {
  std::string key_in;
  for (int shift = 24; shift >= 0; shift -= 8) key_in += static_cast<char>(partition >> shift);
  return key_in.append(key);
}

std::pair<uint32_t, std::string_view> Page::PlaceIn(std::string_view key_in) {
  if (key_in.size() < kPartitionBytes) return {0, {}};
  uint32_t partition = 0;
  for (const char byte : key_in.substr(0, kPartitionBytes)) {
    partition = partition << 8 | static_cast<uint8_t>(byte);
  }
  return {partition, key_in.substr(kPartitionBytes)};
}

Result<Page> Page::Open(const google::protobuf::Message& arguments,
                        const type::v1::PageRequest& page, const Whose& whose,
                        uint32_t view_version) {
  const uint32_t size =
      page.page_size() == 0 ? kPageSizeDefault : std::min(page.page_size(), kPageSizeMax);
  PagePlace place{.list = ListOf(arguments, whose.principal, whose.school_id, view_version),
                  .log_incarnation = whose.log_incarnation,
                  .seq = 0,
                  .after = {}};
  if (!page.page_token().empty()) {
    JALON_ASSIGN_OR_RETURN(std::optional<PagePlace> before, whose.tokens.Open(page.page_token()));
    const bool other_log = !place.log_incarnation.empty() && before &&
                           before->log_incarnation != place.log_incarnation;
    if (!before || before->list != place.list || other_log) return NotOfThisList();
    place = *std::move(before);
  }
  if (const std::optional<uint64_t> here = whose.seq_at(place.after)) {
    if (place.seq > *here) return Behind(*here, place.seq);
    place.seq = *here;
  }
  return Page(std::move(place), size, whose.tokens);
}

bool Page::Reads(std::string_view key) {
  more_ = taken_ >= size_ || read_ == kRowsPerPageMax;
  if (more_) return false;
  ++read_;
  last_ = key;
  last_seq_ = place_.seq;
  return true;
}

void Page::Finish(type::v1::PageInfo* info) const {
  if (!more_) return;
  PagePlace next = place_;
  next.after = last_;
  next.seq = last_seq_;
  info->set_next_page_token(tokens_->Seal(next));
}

}  // namespace jalon::api
