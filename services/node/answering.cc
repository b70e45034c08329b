#include "services/node/answering.h"

#include <utility>

namespace jalon::node {

namespace {

std::function<void(Partition, const Bytes&, Seq, api::ReceiptDesk::Done)> ElsewhereOf(
    const api::RemoteSigner* remote) {
  if (remote == nullptr) return {};
  return [remote](Partition partition, const Bytes& log_incarnation, Seq seq,
                  api::ReceiptDesk::Done done) {
    remote->MakeReceipts(log_incarnation, partition, seq, api::kReceiptWait, std::move(done));
  };
}

std::vector<Partition> PartitionsOf(const api::Placement& placement) {
  std::vector<Partition> partitions;
  for (Partition each{0}; each.value < placement.PartitionCount(); each = each.Next()) {
    partitions.push_back(each);
  }
  return partitions;
}

}  // namespace

Answering::Answering(Parts parts)
    : views_(parts.publication),
      opener_(parts.vault),
      pages_(parts.vault, parts.clock),
      trails_{.deployment = parts.deployment, .signer = parts.signer, .claims = &parts.claims},
      transfers_({.vault = parts.vault,
                  .signer = parts.signer,
                  .claims = &parts.claims,
                  .deployment = parts.deployment,
                  .issuers = parts.transfer_issuers}),
      cosignatures_(std::move(parts.cosignatures)),
      receipts_({.views = views_,
                 .log = parts.log,
                 .names = trails_,
                 .partitions = PartitionsOf(parts.placement)}),
      root_log_({.views = views_,
                 .placement = parts.placement,
                 .names = trails_,
                 .cosignatures = cosignatures_.get(),
                 .real_clock = &real_clock_,
                 .on_forked = parts.on_fault,
                 .on_refused = parts.on_refused}),
      desk_({.receipts = receipts_,
             .clock = parts.clock,
             .run = [this](std::function<void()> work) { return threads_.Run(std::move(work)); },
             .elsewhere = ElsewhereOf(parts.remote),
             .on_fault = parts.on_fault}),
      own_writes_(parts.sink.LogIncarnation()),
      publishing_({.sink = parts.sink,
                   .views = views_,
                   .placement = parts.placement,
                   .names = trails_,
                   .clock = parts.clock,
                   .every = parts.publish_every,
                   .on_fault = parts.on_fault}),
      frame_(
          {.views = views_,
           .placement = parts.placement,
           .ancestry = parts.ancestry,
           .clock = parts.clock,
           .opener = opener_,
           .pages = pages_,
           .trails = trails_,
           .events = [&log = parts.log](Partition partition, const projections::EventPlace& place,
                                        const auto& visit) -> Result<void> {
             projections::EventReader reader(partition, log);
             JALON_ASSIGN_OR_RETURN(const projections::EventView event, reader.Read(place));
             return visit(event);
           },
           .receipts = &receipts_,
           .root_log = &root_log_,
           .access = &parts.access,
           .transfers = &transfers_,
           .own_writes = &own_writes_,
           .run = [this](std::function<void()> work) { return threads_.Run(std::move(work)); },
           .on_fault = parts.on_fault}),
      export_start_(
          {.frame = frame_,
           .root_log = root_log_,
           .publisher = publishing_,
           .run = [this](std::function<void()> work) { return threads_.Run(std::move(work)); },
           .access = &parts.access,
           .on_fault = parts.on_fault}) {}

}  // namespace jalon::node
