#include "services/node/json_log.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "eventstore/base/clock.h"

namespace jalon::node {
namespace {

using Json = nlohmann::ordered_json;

std::string_view NameOf(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

// RFC 3339, UTC, milliseconds.
std::string Timestamp() {
  const Micros now = SystemClock().Wall();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     (now.count() / 1000) % 1000);
}

void Write(const Json& line) {
  std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);  // one call a line: stdio locks the stream
  std::fflush(stdout);
}

Json Start(Level level, std::string_view message) {
  Json line;
  line["ts"] = Timestamp();
  line["level"] = NameOf(level);
  line["msg"] = message;
  return line;
}

}  // namespace

void Log(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  Json line = Start(level, message);
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { line[std::string(field.name)] = value; }, field.value);
  }
  Write(line);
}

void LogError(std::string_view message, const Error& error) {
  Json line = Start(Level::kError, message);
  line["code"] = static_cast<int>(error.code);
  line["reason"] = error.reason;
  line["what"] = error.message;
  for (const auto& [name, value] : error.metadata) line[name] = value;
  Write(line);
}

}  // namespace jalon::node
