#include "services/cli/text.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "services/domain/local_date.h"

namespace jalon::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Marks that stand on the character before them, and characters without width.
constexpr Range kNoWidth[] = {{0x0300, 0x036f}, {0x200b, 0x200f}, {0x20d0, 0x20ff},
                              {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}};
// East Asian wide and full-width characters, and emoji.
constexpr Range kTwoWide[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

bool In(char32_t code, const auto& ranges) {
  for (const Range& range : ranges) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The bytes of the character at the front of `text`, which is not empty.
size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t most = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  size_t bytes = 1;
  while (bytes < most && bytes < text.size() && IsContinuation(text[bytes])) ++bytes;
  return bytes;
}

size_t CharacterWidth(std::string_view character) {
  if (character.size() == 1) return 1;
  char32_t code = static_cast<unsigned char>(character[0]) & (0xff >> (character.size() + 1));
  for (const char c : character.substr(1)) code = code << 6 | (static_cast<char32_t>(c) & 0x3f);
  if (In(code, kNoWidth)) return 0;
  return In(code, kTwoWide) ? 2 : 1;
}

// How many bytes of `text` fit into `width` columns.
size_t BytesThatFit(std::string_view text, size_t width) {
  size_t bytes = 0;
  size_t columns = 0;
  while (bytes < text.size()) {
    const size_t next = CharacterBytes(text.substr(bytes));
    columns += CharacterWidth(text.substr(bytes, next));
    if (columns > width) break;
    bytes += next;
  }
  return bytes;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    columns += CharacterWidth(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return columns;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const size_t bytes = CharacterBytes(text);
    const size_t wanted = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (bytes != wanted || lead > 0xf4) return false;
    if (bytes > 2) {  // no longer than need be, no surrogates, nothing over U+10FFFF
      const auto next = static_cast<unsigned char>(text[1]);
      if ((lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) ||
          (lead == 0xf0 && next < 0x90) || (lead == 0xf4 && next > 0x8f)) {
        return false;
      }
    }
    text.remove_prefix(bytes);
  }
  return true;
}

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, CharacterBytes(text));
    text.remove_prefix(character.size());
    const auto first = static_cast<unsigned char>(character[0]);
    // C0, DELETE, and the C1 controls that UTF-8 writes C2 80 to C2 9F.
    const bool control =
        first < 0x20 || first == 0x7f ||
        (first == 0xc2 && character.size() == 2 && static_cast<unsigned char>(character[1]) < 0xa0);
    // What turns the order of a whole line, or breaks it: U+2028 to U+202E, U+2066 to U+2069.
    const bool turns = ("\xe2\x80\xa8" <= character && character <= "\xe2\x80\xae") ||
                       ("\xe2\x81\xa6" <= character && character <= "\xe2\x81\xa9");
    printable += control || turns ? std::string_view(" ") : character;
  }
  return printable;
}

std::string Pad(std::string_view text, size_t width, Align align) {
  const size_t columns = DisplayWidth(text);
  const std::string spaces(columns < width ? width - columns : 0, ' ');
  return align == Align::kLeft ? std::string(text) + spaces : spaces + std::string(text);
}

std::vector<std::string> Wrap(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (DisplayWidth(text) > width) {
    const size_t fits = BytesThatFit(text, width);
    const size_t space = text.rfind(' ', fits);
    const bool at_space = space != std::string_view::npos && space > 0;
    lines.emplace_back(text.substr(0, at_space ? space : fits));
    text.remove_prefix(at_space ? space + 1 : fits);
  }
  lines.emplace_back(text);
  return lines;
}

std::string HoursText(uint32_t minutes) {
  return minutes % 60 == 0 ? fmt::format("{} h", minutes / 60)
                           : fmt::format("{} h {:02}", minutes / 60, minutes % 60);
}

std::string SizeText(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  auto size = static_cast<double>(bytes);
  while (size >= 1024 && unit + 1 < std::size(kUnits)) {
    size /= 1024;
    ++unit;
  }
  return unit == 0 || size >= 100 ? fmt::format("{:.0f} {}", size, kUnits[unit])
                                  : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string TimeText(int64_t micros) {
  if (micros == 0) return {};
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string DayText(uint32_t yyyymmdd) {
  return yyyymmdd == 0 ? std::string() : domain::DateText(yyyymmdd);
}

std::string CountText(uint64_t number, Language language) {
  std::string text = std::to_string(number);
  // A narrow no-break space between thousands, as French prints them.
  const std::string_view comma = language == Language::kFrench ? "\u202f" : ",";
  for (size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, comma);
  }
  return text;
}

std::optional<uint64_t> ParseCount(std::string_view text, uint64_t most) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return {};
  return number;
}

std::optional<uint32_t> ParseDay(std::string_view text) {
  std::string digits(text);
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    digits = fmt::format("{}{}{}", text.substr(0, 4), text.substr(5, 2), text.substr(8, 2));
  }
  const std::optional<uint64_t> date = ParseCount(digits, 99'999'999);
  if (digits.size() != 8 || !date || !domain::IsDate(static_cast<uint32_t>(*date))) return {};
  return static_cast<uint32_t>(*date);
}

}  // namespace jalon::cli
