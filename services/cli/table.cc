#include "services/cli/table.h"

#include <algorithm>

#include "eventstore/base/check.h"

namespace jalon::cli {
namespace {

constexpr size_t kGap = 2;         // spaces between columns
constexpr size_t kWrappedMin = 8;  // a wrapping column is never narrower

void TrimEnd(std::string& text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
}

}  // namespace

void Table::Add(std::vector<Cell> cells) {
  JALON_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

// 0 for a column that is left out.
std::vector<size_t> Table::Widths(size_t width) const {
  std::vector<size_t> widths(columns_.size(), 0);
  size_t total = 0;
  size_t wrapped = columns_.size();
  for (size_t c = 0; c < columns_.size(); ++c) {
    for (const std::vector<Cell>& row : rows_) {
      widths[c] = std::max(widths[c], DisplayWidth(row[c].text));
    }
    if (widths[c] == 0) continue;
    widths[c] = std::max(widths[c], DisplayWidth(columns_[c].title));
    if (columns_[c].wraps) wrapped = c;
    total += widths[c] + kGap;
  }
  total -= std::min(total, kGap);
  if (width > 0 && total > width && wrapped < columns_.size()) {
    const size_t over = total - width;
    const size_t least = std::max(kWrappedMin, DisplayWidth(columns_[wrapped].title));
    widths[wrapped] = widths[wrapped] > over + least ? widths[wrapped] - over : least;
  }
  return widths;
}

void Table::AppendRow(const std::vector<Cell>& row, const std::vector<size_t>& widths, bool colour,
                      std::string& text) const {
  std::vector<std::vector<std::string>> lines(row.size());
  size_t height = 1;
  for (size_t c = 0; c < row.size(); ++c) {
    if (widths[c] == 0) continue;
    lines[c] = columns_[c].wraps ? Wrap(row[c].text, widths[c]) : std::vector{row[c].text};
    height = std::max(height, lines[c].size());
  }
  for (size_t line = 0; line < height; ++line) {
    std::string whole;
    size_t gap = 0;
    for (size_t c = 0; c < row.size(); ++c) {
      if (widths[c] == 0) continue;
      const std::string piece = line < lines[c].size() ? lines[c][line] : "";
      const std::string padded = Pad(piece, widths[c], columns_[c].align);
      const size_t at = padded.find(piece);
      whole.append(gap, ' ');
      whole += padded.substr(0, at) + Paint(row[c].style, piece, colour) +
               padded.substr(at + piece.size());
      gap = kGap;
    }
    TrimEnd(whole);
    text += whole + '\n';
  }
}

std::string Table::Layout(size_t width, bool colour) const {
  const std::vector<size_t> widths = Widths(width);
  std::vector<Cell> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) titles.emplace_back(column.title, Style::kBold);
  std::string text;
  AppendRow(titles, widths, colour, text);
  for (const std::vector<Cell>& row : rows_) AppendRow(row, widths, colour, text);
  return text;
}

void Show(const Table& table, const Words& if_empty, Output& output) {
  if (table.empty()) {
    output.out << output.Say(if_empty) << '\n';
  } else {
    output.out << table.Layout(output.width, output.colour_out);
  }
}

std::string Facts::Layout(size_t width, bool colour) const {
  size_t names = 0;
  for (const Pair& pair : pairs_) {
    if (!pair.value.text.empty()) names = std::max(names, DisplayWidth(pair.name));
  }
  std::string text;
  for (const Pair& pair : pairs_) {
    if (pair.value.text.empty()) continue;
    const size_t left = names + kGap;
    const size_t room = width > left + kWrappedMin ? width - left : 0;
    std::string margin = Paint(Style::kDim, Pad(pair.name, left), colour);
    for (const std::string& line :
         room > 0 ? Wrap(pair.value.text, room) : std::vector{pair.value.text}) {
      text += margin + Paint(pair.value.style, line, colour) + '\n';
      margin = std::string(left, ' ');
    }
  }
  return text;
}

}  // namespace jalon::cli
