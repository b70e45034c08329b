// What must be looked at while a command is still in clear: rules about words that are sealed, from
// the edge on, for everything behind it.
#pragma once

#include <google/protobuf/message.h>

#include "services/domain/local_date.h"
#include "services/domain/refusals.h"
#include "services/domain/request.h"

namespace jalon::api {

// Words that a school allows for estimates.
// Thread safety: any thread.
class EstimateScales {
 public:
  virtual ~EstimateScales() = default;
  // Whether `word` is of the scale of that policy version (0: the default scale).
  virtual bool Has(const Bytes& school_id, uint32_t policy_version, std::string_view word) = 0;
};

class Edge {
 public:
  // `scales` must outlive the edge.
  explicit Edge(EstimateScales& scales) : scales_(scales) {}

  // The school of a command that names it otherwise than by the caller's credential or the header;
  // empty for all others.
  static Bytes SchoolOf(const google::protobuf::Message& command);

  // Notes facts for decide in `seen`, and adds to `refusals` what is wrong. `today`: by the time of
  // the request id, so that a repeat sees the same.
  void Look(const google::protobuf::Message& command, const Bytes& school_id,
            domain::LocalDate today, domain::Seen* seen, domain::Refusals* refusals) const;

 private:
  EstimateScales& scales_;
};

}  // namespace jalon::api
