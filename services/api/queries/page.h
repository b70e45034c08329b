// One page of a list, from the request's token to the answer's.
//
//   JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, kViewVersion));
//   rows.Each<Row>(kView, prefix, page.after(), [&](std::string_view key, Row row) {
//     if (!page.Reads(key)) return false;
//     if (Matches(row)) { page.Take(); … }
//     return true;
//   });
//   page.Finish(response->mutable_page());
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventstore/base/result.h"
#include "jalon/type/v1/header.pb.h"
#include "services/api/queries/query.h"
#include "services/api/queries/region.h"

namespace jalon::api {

inline constexpr uint32_t kPageSizeDefault = 100;
inline constexpr uint32_t kPageSizeMax = 500;  // a larger one asked for is taken as this
// What one page reads at most, however few rows match: it is then short, and goes on.
inline constexpr uint32_t kRowsPerPageMax = 20'000;

class Page {
 public:
  // INVALID_ARGUMENT PAGE_TOKEN_INVALID: the token is none, or one of another list, other arguments
  // or another caller, or too old. UNAVAILABLE VIEW_BEHIND, with metadata as_of_seq and min_seq:
  // the page before, perhaps another node's, stood at a later position than what can be read here
  // just now. UNAVAILABLE VAULT_UNAVAILABLE: see PageTokens::Open.
  template <typename Request>
  static Result<Page> Of(const Request& request, const QueryContext& context,
                         uint32_t view_version) {
    return Open(ArgumentsOf(request), request.page(), WhoseOf(context), view_version);
  }
  // Of a list over partitions, whose keys begin with the partition (KeyIn). VIEW_BEHIND is of the
  // partition that the page before ended in: of those after it no page has told anything.
  template <typename Request>
  static Result<Page> Of(const Request& request, const RegionContext& context,
                         uint32_t view_version) {
    return Open(ArgumentsOf(request), request.page(), WhoseOf(context), view_version);
  }
  static std::string KeyIn(uint32_t partition, std::string_view key);
  // What KeyIn was given; of no key: the start.
  static std::pair<uint32_t, std::string_view> PlaceIn(std::string_view key_in);

  uint32_t size() const { return size_; }
  // Go on beyond this key; empty: from the start.
  const std::string& after() const { return place_.after; }

  // The rows that come next are read as of that position of their partition: for a list over
  // partitions.
  void StandsAt(uint64_t seq) { place_.seq = seq; }
  // A row comes next; false: the page is full, or enough was read.
  bool Reads(std::string_view key);
  // The row that came is part of the page.
  void Take() { ++taken_; }
  // The row that came last is the last one of this page.
  void Finish(type::v1::PageInfo* info) const;

 private:
  Page(PagePlace place, uint32_t size, const PageTokens& tokens)
      : place_(std::move(place)), size_(size), tokens_(&tokens) {}

  // Who asks, of what, and how current the rows beyond a key are; none: they are missing.
  struct Whose {
    const domain::Principal& principal;
    Bytes school_id;  // empty: a region's
    const PageTokens& tokens;
    Bytes log_incarnation;
    std::function<std::optional<uint64_t>(std::string_view after)> seq_at;
  };
  static Whose WhoseOf(const QueryContext& context);
  static Whose WhoseOf(const RegionContext& context);

  template <typename Request>
  static Request ArgumentsOf(const Request& request) {
    Request arguments = request;
    arguments.clear_header();
    arguments.clear_page();
    return arguments;
  }
  static Result<Page> Open(const google::protobuf::Message& arguments,
                           const type::v1::PageRequest& page, const Whose& whose,
                           uint32_t view_version);

  PagePlace place_;
  uint32_t size_;
  const PageTokens* tokens_;
  uint32_t taken_ = 0;
  uint32_t read_ = 0;
  bool more_ = false;
  std::string last_;  // the key of the row that came last
  uint64_t last_seq_ = 0;
};

}  // namespace jalon::api
