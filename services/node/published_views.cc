#include "services/node/published_views.h"

#include <utility>

namespace jalon::node {
namespace {

class PublishedReader final : public api::Reader {
 public:
  explicit PublishedReader(projections::ReadView view) : view_(std::move(view)) {
    const projections::AsOf& as_of = view_.as_of();
    as_of_.mutable_position()->set_log_incarnation(as_of.log_incarnation);
    as_of_.mutable_position()->set_partition(as_of.partition.value);
    as_of_.mutable_position()->set_seq(as_of.seq.value);
    as_of_.set_recorded_at(as_of.recorded_at);
  }

  const type::v1::AsOf& as_of() const override { return as_of_; }
  Result<std::optional<std::string>> Get(std::string_view view,
                                         std::string_view key) const override {
    return view_.Get(view, key);
  }
  Result<void> Scan(std::string_view view, std::string_view prefix, std::string_view after,
                    const Visit& visit) const override {
    return view_.Scan(view, prefix, after, visit);
  }

 private:
  const projections::ReadView view_;
  type::v1::AsOf as_of_;
};

}  // namespace

Result<std::unique_ptr<api::Reader>> PublishedViews::Read(Partition partition,
                                                          const Bytes& school_id) {
  JALON_ASSIGN_OR_RETURN(projections::ReadView view, publication_.Read(partition, school_id));
  return std::make_unique<PublishedReader>(std::move(view));
}

void PublishedViews::Await(Partition partition, std::string_view log_incarnation, Seq seq,
                           Micros deadline, Done done) {
  publication_.Await(partition, log_incarnation, seq, deadline, std::move(done));
}

}  // namespace jalon::node
