#include "services/api/queries/engine_views.h"

#include <utility>

#include "projections/engine/read_view.h"

namespace jalon::api {
namespace {

class EngineReader final : public Reader {
 public:
  explicit EngineReader(projections::ReadView view) : view_(std::move(view)) {
    const projections::AsOf& as_of = view_.as_of();
    type::v1::Position* position = as_of_.mutable_position();
    position->set_log_incarnation(as_of.log_incarnation);
    position->set_partition(as_of.partition.value);
    position->set_seq(as_of.seq.value);
    as_of_.set_recorded_at(as_of.recorded_at);
  }

  const type::v1::AsOf& as_of() const override { return as_of_; }
  const eventstore::ChainHead& head() const override { return view_.as_of().head; }
  Result<std::optional<std::string>> Get(std::string_view view,
                                         std::string_view key) const override {
    return view_.Get(view, key);
  }
  Result<void> Scan(std::string_view view, std::string_view prefix, std::string_view after,
                    const Visit& visit) const override {
    return view_.Scan(view, prefix, after, visit);
  }

 private:
  projections::ReadView view_;
  type::v1::AsOf as_of_;
};

}  // namespace

Result<std::unique_ptr<Reader>> EngineViews::Read(Partition partition, const Bytes& school_id) {
  JALON_ASSIGN_OR_RETURN(projections::ReadView view, publication_.Read(partition, school_id));
  return std::make_unique<EngineReader>(std::move(view));
}

void EngineViews::Await(Partition partition, std::string_view log_incarnation, Seq seq,
                        Micros deadline, Done done) {
  publication_.Await(partition, log_incarnation, seq, deadline, std::move(done));
}

}  // namespace jalon::api
