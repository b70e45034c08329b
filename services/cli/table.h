// A table for people: columns as wide as they need to be, one of them wrapped where the terminal is
// narrower.
#pragma once

#include <string>
#include <vector>

#include "services/cli/output.h"
#include "services/cli/text.h"

namespace jalon::cli {

struct Column {
  std::string title;
  Align align = Align::kLeft;
  bool wraps = false;  // gives way where the terminal is too narrow
};

// What stands in one place of a table, made printable: nobody's words move a terminal's cursor.
struct Cell {
  std::string text;
  Style style = Style::kPlain;

  // Implicit, so that a row is written as its texts.
  // NOLINTBEGIN(google-explicit-constructor): see above
  Cell(std::string_view words, Style how = Style::kPlain) : text(Printable(words)), style(how) {}
  Cell(const std::string& words, Style how = Style::kPlain) : Cell(std::string_view(words), how) {}
  Cell(const char* words, Style how = Style::kPlain) : Cell(std::string_view(words), how) {}
  // NOLINTEND(google-explicit-constructor): see above
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void Add(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // Title line and rows, two spaces between columns, no spaces at the end of a line. `width` 0: no
  // limit. Columns in which every cell is empty are left out.
  std::string Layout(size_t width, bool colour) const;

 private:
  std::vector<size_t> Widths(size_t width) const;
  void AppendRow(const std::vector<Cell>& row, const std::vector<size_t>& widths, bool colour,
                 std::string& text) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// Writes the table to the output's `out`, or `if_empty` where it has no row.
void Show(const Table& table, const Words& if_empty, Output& output);

// "name   value" lines, the names aligned; pairs with an empty value are left out.
class Facts {
 public:
  void Add(std::string name, Cell value) { pairs_.push_back({std::move(name), std::move(value)}); }
  std::string Layout(size_t width, bool colour) const;

 private:
  struct Pair {
    std::string name;
    Cell value;
  };
  std::vector<Pair> pairs_;
};

}  // namespace jalon::cli
