#include "projections/engine/read_view.h"

#include <fmt/format.h>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"

namespace jalon::projections {

std::string ReadView::Base(std::string_view view) const {
  const std::optional<size_t> index = views_->IndexOf(view);
  JALON_CHECK(index.has_value());
  return RowStoreKey(generations_->by_view()[*index], tenant_);
}

Result<std::optional<std::string>> ReadView::Get(std::string_view view,
                                                 std::string_view key) const {
  return snapshot_->Get(Base(view).append(key));
}

Result<void> ReadView::Scan(std::string_view view, std::string_view prefix, std::string_view after,
                            const StoreSnapshot::Visit& visit) const {
  const std::string base = Base(view);
  const std::string whole_prefix = base + std::string(prefix);
  // The least key beyond `after` is `after` and a zero byte.
  const std::string from = after.empty() ? whole_prefix : base + std::string(after) + '\0';
  return snapshot_->Scan(from, EndOfPrefix(whole_prefix),
                         [&](std::string_view key, std::string_view value) {
                           return visit(key.substr(base.size()), value);
                         });
}

std::unexpected<Error> ReadView::Malformed(std::string_view view, std::string_view key) {
  return Fail(Code::kDataLoss, "INTERNAL",
              fmt::format("view {}: the row {} cannot be read; delete the folder of views: they "
                          "are rebuilt from the log",
                          view, ToHex(key)));
}

}  // namespace jalon::projections
