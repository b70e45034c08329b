// What must be looked at while a command is still in clear: rules about words that are sealed, from
// the edge on, for everything behind it.
#pragma once

#include <google/protobuf/message.h>

#include "jalon/person/v1/transfer.pb.h"
#include "services/domain/local_date.h"
#include "services/domain/refusals.h"
#include "services/domain/request.h"

namespace jalon::api {

class Edge {
 public:
  // The school of a command that names it otherwise than by the caller's credential or the header;
  // empty for all others.
  static Bytes SchoolOf(const google::protobuf::Message& command);

  // What no field's limits say: a school's code is one, once the spaces around it are off, and
  // nobody was born after `today`. FIELD_INVALID, with the field.
  static void Check(const google::protobuf::Message& command, domain::LocalDate today,
                    domain::Refusals* refusals);

  // The transfer of another school that the command brings as it was issued; null: it brings none.
  static person::v1::TransferIn* TransferOf(google::protobuf::Message& command);

  // What decide must know of what is sealed from here on. `today`: by the time of the request id,
  // so that a repeat sees the same.
  static domain::Seen Look(const google::protobuf::Message& command, domain::LocalDate today);
};

}  // namespace jalon::api
