#include "deploy/demo/history.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>

#include "eventstore/base/check.h"

namespace jalon::demo {
namespace {

using Kind = Fact::Kind;

Kind KindOf(const std::string& word) {
  static const std::map<std::string, Kind> kKinds = {{"sent", Kind::kSent},
                                                     {"acked", Kind::kAcked},
                                                     {"refused", Kind::kRefused},
                                                     {"asked", Kind::kAsked},
                                                     {"read", Kind::kRead}};
  return kKinds.at(word);
}

}  // namespace

Recorder::Recorder(const std::string& path)
    : fd_(open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
  JALON_CHECK(fd_ >= 0);
}
Recorder::~Recorder() { close(fd_); }

void Recorder::Append(const std::string& line, bool synced) {
  JALON_CHECK(write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  if (synced) JALON_CHECK(fdatasync(fd_) == 0);
}

void Recorder::Sent(std::string_view id) { Append(fmt::format("sent {}\n", id), false); }
void Recorder::Asked(std::string_view id, uint64_t min_seq) {
  Append(fmt::format("asked {} {}\n", id, min_seq), false);
}
void Recorder::Acked(std::string_view id, uint32_t partition, uint64_t seq) {
  Append(fmt::format("acked {} {} {}\n", id, partition, seq), true);
}
void Recorder::Refused(std::string_view id, std::string_view reason) {
  Append(fmt::format("refused {} {}\n", id, reason), true);
}
void Recorder::Read(std::string_view id, uint32_t partition, uint64_t as_of, uint64_t shown) {
  Append(fmt::format("read {} {} {} {}\n", id, partition, as_of, shown), true);
}

History ReadHistory(const std::string& path) {
  History history;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // no newline: torn
    std::istringstream words(line);
    std::string kind;
    Fact fact;
    words >> kind >> fact.id;
    fact.kind = KindOf(kind);
    if (fact.kind == Kind::kRefused) {
      words >> fact.reason;
    } else if (fact.kind == Kind::kAsked) {
      words >> fact.seq;
    } else if (fact.kind != Kind::kSent) {
      words >> fact.partition >> fact.seq;
      if (fact.kind == Kind::kRead) words >> fact.shown;
    }
    history.push_back(std::move(fact));
  }
  return history;
}

}  // namespace jalon::demo
