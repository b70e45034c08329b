#include "eventstore/vault/served/standby_parts.h"

#include <algorithm>

#include "eventstore/vault/served/messages.h"
#include "eventstore/vault/served/pair_limits.h"

namespace jalon::eventstore::served {

using vault::v1::ApplyChangeRequest;

std::vector<ApplyChangeRequest> PartsOf(const KeyMark& after, const Mirror::Rows& put,
                                        const std::vector<std::string>& remove) {
  std::vector<ApplyChangeRequest> parts(1);
  size_t bytes = 0;
  const auto room_for = [&](size_t more) {
    if (bytes + more > kPartBytesMax) {
      parts.emplace_back();
      bytes = 0;
    }
    bytes += more;
    return &parts.back();
  };
  for (const auto& [row, value] : put) {
    vault::v1::KeyRow& to = *room_for(row.size() + value.size())->add_put();
    to.set_row(row);
    to.set_value(value);
  }
  for (const std::string& row : remove) room_for(row.size())->add_remove(row);
  Write(after, parts.back().mutable_after());
  return parts;
}

std::chrono::milliseconds PatienceFor(size_t parts) {
  const std::chrono::milliseconds more = kStandbyPartMax * (parts - 1);
  return std::min<std::chrono::milliseconds>(kStandbyAnswerMax + more, kStandbyCompactMax);
}

}  // namespace jalon::eventstore::served
