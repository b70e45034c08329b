// What others find who were not there: a consumer of the public feed, and a judge of the log. Only
// of a log on Kafka.
#pragma once

#include <string>
#include <vector>

#include "deploy/demo/jalon.h"
#include "deploy/demo/school.h"
#include "deploy/demo/screen.h"
#include "jalon/type/v1/position.pb.h"

namespace jalon::demo {

struct Outside {
  std::string log;                     // kafka://HOST:PORT/PREFIX
  std::string folder;                  // made; for what the consumer lands
  std::vector<std::string> histories;  // of every client that sent commands
  Screen& screen;
};

// What `jalon … --output json` printed of a command: where it was acknowledged.
type::v1::Position PositionIn(const std::string& answer);

// The sample consumer, in Python, lands the feed and answers its questions. Claims that each event
// of the log was landed, once, and each acknowledged command's.
// REQUIRES: `node` serves and nobody sends commands.
void ReadTheFeed(const Outside& outside, const Jalon& node, const std::vector<School>& schools);

// `judge` (tests/faults) reads the log and the vault's keys in the folder `vault`. Claims that
// every acknowledged command is there exactly once, and that commands were refused for no reason
// but these.
// REQUIRES: no node and no vault runs.
void JudgeTheLog(const Outside& outside, const std::string& judge, const std::string& vault,
                 const std::vector<std::string>& may_be_refused);

}  // namespace jalon::demo
