// The views as queries read them: the projector's publication behind the contract of the queries.
#pragma once

#include "projections/engine/publication.h"
#include "services/api/queries/reader.h"

namespace jalon::node {

// Thread safety: any thread.
class PublishedViews final : public api::Views {
 public:
  // `publication` must outlive this and every reader.
  explicit PublishedViews(projections::Publication& publication) : publication_(publication) {}

  Result<std::unique_ptr<api::Reader>> Read(Partition partition, const Bytes& school_id) override;
  void Await(Partition partition, std::string_view log_incarnation, Seq seq, Micros deadline,
             Done done) override;

 private:
  projections::Publication& publication_;
};

}  // namespace jalon::node
