#include "tests/bench/kafka/feed_reader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace jalon::bench {
namespace {

constexpr int kTries = 6000;
constexpr useconds_t kPauseUs = 20'000;
constexpr const char* kReady = "ready";

// 36 digits: when this life of the log began (10), the record (20), the event in it (6).
constexpr size_t kRecordFirst = 10, kRecordDigits = 20;
constexpr std::string_view kSource = "/schools/";

}  // namespace

FeedReader::FeedReader(std::string python, std::string output)
    : python_(std::move(python)), output_(std::move(output)) {}

FeedReader::~FeedReader() {
  if (input_ != nullptr) pclose(input_);  // its input ends, and so does it
}

bool FeedReader::Start(const std::string& brokers, const std::string& topic) {
  const std::string command =
      fmt::format("exec '{}' -B tests/feed/raw_feed.py '{}' '{}' --follow >'{}'", python_, brokers,
                  topic, output_);
  input_ = popen(command.c_str(), "we");
  if (input_ == nullptr) return false;
  // It says so once; each line before that is an event.
  std::ifstream said(output_);
  std::string line;
  for (int tries = 0; tries < kTries;) {
    if (!said.is_open()) said.open(output_);
    std::string more;
    if (said.is_open() && std::getline(said, more)) {
      const bool whole = !said.eof();
      line += more;
      if (whole && line == kReady) return true;
      if (whole) line.clear();
      continue;
    }
    said.clear();
    usleep(kPauseUs);
    ++tries;
  }
  return false;
}

std::optional<FeedReader::Came> FeedReader::Finish() {
  std::fputs("\n", input_);
  std::fflush(input_);
  // Its input must not end before it looks.
  const int status = pclose(std::exchange(input_, nullptr));
  if (status != 0) return std::nullopt;
  Came came;
  std::ifstream said(output_);
  for (std::string line; std::getline(said, line);) {
    if (line == kReady) continue;
    const auto event = nlohmann::json::parse(line);
    const std::string school = event.at("source").get<std::string>().substr(kSource.size());
    const std::string sequence = event.at("sequence");
    const uint64_t record = std::stoull(sequence.substr(kRecordFirst, kRecordDigits));
    int64_t& at = came[{school, record}];
    at = std::max(at, static_cast<int64_t>(event.at("came").get<double>() * 1e6));
  }
  return came;
}

}  // namespace jalon::bench
