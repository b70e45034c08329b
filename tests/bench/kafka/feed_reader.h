// A consumer of the public feed in a process of its own, and in another language: raw_feed.py,
// which notes when each event came to it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace jalon::bench {

class FeedReader {
 public:
  // A school's id in hexadecimal and the record's number there, with the moment at which the last
  // of its events came: microseconds since the Unix epoch.
  using Came = std::map<std::pair<std::string, uint64_t>, int64_t>;

  // `output` gets what it prints.
  FeedReader(std::string python, std::string output);
  ~FeedReader();
  FeedReader(const FeedReader&) = delete;
  FeedReader& operator=(const FeedReader&) = delete;

  // Starts it, and waits until it has read what is there already. False if it ended first.
  // `brokers`: HOST:PORT,...; `topic`: PREFIX.events.v1.
  bool Start(const std::string& brokers, const std::string& topic);
  // Has it read what is there by now, and ends it. Nothing if it failed.
  std::optional<Came> Finish();

 private:
  const std::string python_;
  const std::string output_;
  std::FILE* input_ = nullptr;  // of its process
};

}  // namespace jalon::bench
