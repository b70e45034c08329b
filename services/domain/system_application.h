// What the system partition decides: where a school is kept, what is in the root log, and who
// signs. The door hands it the command that registers a school, before the school's own partition
// gets it; the node itself publishes how far logs have grown, and claims where it signs.
//
// Pure, as DomainApplication. Thread safety: const after construction; any thread.
#pragma once

#include <functional>
#include <string_view>

#include "eventstore/base/ids.h"
#include "eventstore/writer/application.h"
#include "services/domain/registry.h"
#include "services/domain/request.h"

namespace jalon::domain {

class SystemApplication final : public eventstore::Application {
 public:
  // Schools are spread over `partition_count` partitions: each in `by_default`(school_id), which
  // always says the same, unless its registration names another.
  // `deployment`: 16 bytes, the id that the log's genesis has.
  SystemApplication(uint32_t partition_count,
                    std::function<Partition(std::string_view school_id)> by_default,
                    Bytes deployment);

  // `command` is a domain::Request of RegisterSchool, of event.v1.LogsPublished or of
  // event.v1.SignerClaimed.
  //
  // RegisterSchool: TenantPlaced, unless the school has its
  // partition already or it is a dry run; a reply is an encoded event.v1.TenantPlaced, which says
  // where. Refused TENANT_MOVE_UNSUPPORTED if the command names another partition. A placement that
  // no registration follows, since that was refused, stays and is the next one's.
  //
  // LogsPublished: itself, without those that were published at that size or a larger one, and
  // without its signature. Refused FIELD_INVALID where one had another root at its size
  // (`<origin>`), and where the key of the last claim has not signed it (`signature`).
  //
  // SignerClaimed: itself, unless that claimant's is the last one. Refused FIELD_INVALID where its
  // key has not signed it (`signature`), another claim came first (`epoch`), it would go back to an
  // earlier generation or far ahead (`generation`), or where the key of the claim before is another
  // and neither vouches for this one nor is said to be lost (`public_key`).
  eventstore::Verdict Decide(const eventstore::Command& command, const eventstore::Moment& moment,
                             eventstore::StateView& state) const override;
  Result<void> Evolve(const log::v1::Record& record, eventstore::StateEdit& state) const override;
  Result<std::unique_ptr<eventstore::Row>> DecodeRow(std::string_view key, std::string_view bytes,
                                                     eventstore::StateView& state) const override;
  uint32_t EvolveVersion() const override;

 private:
  eventstore::Verdict Place(const Request& request, const eventstore::Moment& moment,
                            eventstore::StateView& view) const;
  eventstore::Verdict Claim(const Request& request, const eventstore::Moment& moment,
                            eventstore::StateView& view) const;
  eventstore::Verdict Publish(const Request& request, const eventstore::Moment& moment,
                              eventstore::StateView& view) const;

  const uint32_t partition_count_;
  const std::function<Partition(std::string_view)> by_default_;
  const Bytes deployment_;
  Events events_;
};

}  // namespace jalon::domain
