// The views that queries read, as the engine of projections publishes them.
#pragma once

#include <memory>

#include "projections/engine/publication.h"
#include "services/api/queries/reader.h"

namespace jalon::api {

// Thread safety: any thread.
class EngineViews final : public Views {
 public:
  // `publication` must outlive this and every reader.
  explicit EngineViews(projections::Publication& publication) : publication_(publication) {}

  Result<std::unique_ptr<Reader>> Read(Partition partition, const Bytes& school_id) override;
  void Await(Partition partition, std::string_view log_incarnation, Seq seq, Micros deadline,
             Done done) override;

 private:
  projections::Publication& publication_;
};

}  // namespace jalon::api
