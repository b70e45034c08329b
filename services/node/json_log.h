// The server's own log: one JSON object a line, on standard output. Fields are of a few kinds, none
// of which holds anything about a person: names, contacts and words never come here, and ids of
// persons do not either.
//
// Thread safety: every call may come from any thread; lines do not mix.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "eventstore/base/result.h"

namespace jalon::node {

enum class Level { kInfo, kWarning, kError };

struct LogField {
  std::string_view name;  // "partition", "dur_ms"
  std::variant<int64_t, uint64_t, double, std::string> value;
};

// `message` is fixed text; whatever varies is a field.
void Log(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

// Code, reason and what to do, as fields.
void LogError(std::string_view message, const Error& error);

}  // namespace jalon::node
