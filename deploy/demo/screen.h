// What the demonstration shows: headings, lines, a progress bar on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jalon::demo {

class Screen {
 public:
  Screen();

  void Act(std::string_view title);
  void Line(std::string_view text) const;
  // Redraws the bar; on anything but a terminal, writes nothing. REQUIRES: done ≤ total.
  void Bar(std::string_view what, uint64_t done, uint64_t total);
  void EndBar();
  // A claim of the demonstration, true or not. Remembers whether all were.
  void Claim(bool holds, std::string_view text);
  bool all_hold() const { return all_hold_; }

 private:
  bool terminal_;
  bool colour_;
  int act_ = 0;
  bool in_bar_ = false;
  bool all_hold_ = true;
};

}  // namespace jalon::demo
