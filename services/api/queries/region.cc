#include "services/api/queries/region.h"

#include <algorithm>
#include <span>
#include <string>

namespace jalon::api {
namespace {

// So many are named to whoever may not go on without them: an error's details are small.
constexpr size_t kMissingNamedMax = 256;

std::unexpected<Error> Missing(const std::vector<uint32_t>& partitions) {
  std::string named;
  for (const uint32_t partition :
       std::span(partitions).first(std::min(partitions.size(), kMissingNamedMax))) {
    named += (named.empty() ? "" : ",") + std::to_string(partition);
  }
  Error error{Code::kUnavailable,
              "NOT_SERVING",
              "partitions that cannot be read here just now: " + named +
                  "; try again, or allow a partial answer",
              {{"missing_partitions", named}}};
  if (partitions.size() > kMissingNamedMax) {
    error.metadata["more"] = std::to_string(partitions.size() - kMissingNamedMax);
  }
  return std::unexpected(std::move(error));
}

}  // namespace

Result<void> Region::Each(uint32_t first, const std::function<Result<Told>(const Reader&)>& visit) {
  if (!allow_partial_) {
    std::vector<uint32_t> missing;
    for (uint32_t partition = first; partition < readers_.size(); ++partition) {
      if (readers_[partition] == nullptr) missing.push_back(partition);
    }
    if (!missing.empty()) return Missing(missing);
  }
  for (uint32_t partition = first; partition < readers_.size(); ++partition) {
    const Reader* reader = readers_[partition].get();
    if (reader == nullptr) {
      missing_.push_back(partition);
      continue;
    }
    JALON_ASSIGN_OR_RETURN(const Told told_of_it, visit(*reader));
    if (told_of_it == Told::kNone) break;
    const type::v1::Position& position = reader->as_of().position();
    as_of_.set_log_incarnation(position.log_incarnation());
    type::v1::PartitionSeq* told = as_of_.add_partitions();
    told->set_partition(partition);
    told->set_seq(position.seq());
    if (told_of_it == Told::kSome) break;
  }
  return {};
}

Bytes Region::LogIncarnation() const {
  for (const auto& reader : readers_) {
    if (reader != nullptr) return reader->as_of().position().log_incarnation();
  }
  return {};
}

}  // namespace jalon::api
