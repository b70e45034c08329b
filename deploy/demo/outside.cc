#include "deploy/demo/outside.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "deploy/demo/process.h"

namespace jalon::demo {
namespace {

using Json = nlohmann::json;

Json Parsed(const std::string& text) { return Json::parse(text, nullptr, false); }

void ShowLines(const Screen& screen, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) screen.Line("  " + line);
  }
}

}  // namespace

type::v1::Position PositionIn(const std::string& answer) {
  const Json json = Parsed(answer);
  const std::string text = json.is_object() ? json.value("position", "") : "";
  const size_t first = text.find(':');
  const size_t last = text.rfind(':');
  type::v1::Position position;
  if (first == last) return position;  // none
  position.set_partition(static_cast<uint32_t>(std::stoul(text.substr(first + 1))));
  position.set_seq(std::stoull(text.substr(last + 1)));
  return position;
}

void JudgeTheLog(const Outside& outside, const std::string& judge, const std::string& vault,
                 const std::vector<std::string>& may_be_refused) {
  std::vector<std::string> words = {judge,
                                    "--log",
                                    outside.log,
                                    "--vault",
                                    vault,
                                    "--may-refuse",
                                    fmt::format("{}", fmt::join(may_be_refused, ","))};
  words.insert(words.end(), outside.histories.begin(), outside.histories.end());
  const Finished done = Run(words);
  outside.screen.Claim(done.exit_code == 0,
                       fmt::format("{} clients, each with a history of its own: judged by the log",
                                   outside.histories.size()));
  ShowLines(outside.screen, done.out + done.err);
}

}  // namespace jalon::demo
