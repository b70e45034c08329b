// Text for people: how wide it is, how it breaks into lines, how dates, durations and numbers read.
//
// Nothing here depends on the locale of the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/cli/words.h"

namespace jalon::cli {

// Columns that UTF-8 text takes on a terminal: combining marks none, East Asian wide characters and
// emoji two, all others one. A byte that is no UTF-8 counts as one column.
size_t DisplayWidth(std::string_view text);

// The text with a space for each control character, so that it cannot move a cursor or change a
// colour. Line breaks are control characters.
std::string Printable(std::string_view text);

// The bytes are well-formed UTF-8.
bool IsUtf8(std::string_view text);

enum class Align { kLeft, kRight };

// The text with spaces to at least `width` columns.
std::string Pad(std::string_view text, size_t width, Align align = Align::kLeft);

// Lines of at most `width` columns, broken at spaces where there are any, and between characters
// where a word is longer. At least one line. REQUIRES: width > 1.
std::vector<std::string> Wrap(std::string_view text, size_t width);

// "45 h", "1 h 30"; "0 h" for none.
std::string HoursText(uint32_t minutes);
// "1.5 GiB", "12 KiB", "0 B".
std::string SizeText(uint64_t bytes);
// "2026-09-01 14:02:11Z" of microseconds since the Unix epoch; empty for 0.
std::string TimeText(int64_t micros);
// "2026-09-01"; empty for 0.
std::string DayText(uint32_t yyyymmdd);
// 1,234,567 in English; 1 234 567 in French.
std::string CountText(uint64_t number, Language language);

// yyyymmdd of "2026-09-01" or "20260901"; none for anything that is no date.
std::optional<uint32_t> ParseDay(std::string_view text);
// A whole number in decimal, up to `most`.
std::optional<uint64_t> ParseCount(std::string_view text, uint64_t most);

// "a, b, c".
std::string Join(const auto& items, std::string_view between = ", ") {
  std::string joined;
  for (const auto& item : items) {
    if (!joined.empty()) joined += between;
    joined += item;
  }
  return joined;
}

}  // namespace jalon::cli
