#include "services/node/answering.h"

#include <utility>

namespace jalon::node {

Answering::Answering(Parts parts)
    : views_(parts.publication),
      opener_(parts.vault),
      pages_(parts.vault, parts.clock),
      trails_{.deployment = parts.deployment, .signer = parts.signer},
      cosignatures_(std::move(parts.cosignatures)),
      receipts_({.views = views_, .log = parts.log, .names = trails_}),
      root_log_({.views = views_,
                 .placement = parts.placement,
                 .names = trails_,
                 .cosignatures = cosignatures_.get(),
                 .real_clock = &real_clock_,
                 .on_forked = parts.on_fault}),
      desk_({.views = views_,
             .receipts = receipts_,
             .clock = parts.clock,
             .on_fault = parts.on_fault}),
      publishing_({.writers = parts.writers,
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
           .run = [this](std::function<void()> work) { return threads_.Run(std::move(work)); },
           .on_fault = parts.on_fault}) {}

}  // namespace jalon::node
