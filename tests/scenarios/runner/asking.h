// Every query that there is, asked about one person: found from the descriptors, so that a new one
// is asked too.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"

namespace jalon::scenarios {

// Whom is asked about, and what belongs to them.
struct About {
  Bytes person_id;
  std::vector<Bytes> stays = {};
  std::vector<Bytes> companies = {};
};

// A query, and a fresh message for its answer.
struct Question {
  std::string method;  // "GetStudentProgress"
  std::unique_ptr<google::protobuf::Message> request;
  std::unique_ptr<google::protobuf::Message> response;
};

// Each query of one school that can name a person, a stay or a company, once for each of them, and
// each list without naming any: all that can be opened is asked for, in the largest pages.
std::vector<Question> QuestionsAbout(const About& about);

}  // namespace jalon::scenarios
