#include "services/node/virtual_clock.h"

#include <charconv>
#include <filesystem>
#include <utility>

#include "services/node/files.h"

namespace jalon::node {

Result<std::unique_ptr<VirtualClock>> VirtualClock::Open(const std::string& path,
                                                         const Clock& real) {
  int64_t ahead = 0;
  if (std::filesystem::exists(path)) {
    JALON_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ahead);
    if (error != std::errc() || std::string_view(end, text.data() + text.size()) != "\n") {
      return Fail(Code::kDataLoss, "CLOCK_SUSPECT",
                  path +
                      " does not say how far the virtual clock was moved: write into it how many "
                      "microseconds it is ahead");
    }
  }
  return std::unique_ptr<VirtualClock>(new VirtualClock(path, real, ahead));
}

Result<void> VirtualClock::Advance(Micros to) {
  const Micros by = to - Wall();
  if (by < Micros(0)) {
    return Fail(Code::kFailedPrecondition, "CLOCK_GOES_BACK",
                "the clock only goes forward: give a later time");
  }
  const int64_t ahead = ahead_.load() + by.count();
  JALON_RETURN_IF_ERROR(WriteFile(path_, std::to_string(ahead) + "\n"));
  ahead_.store(ahead);
  return {};
}

}  // namespace jalon::node
